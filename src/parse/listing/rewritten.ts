import type { Problem } from '../../model/place.js'
import type { Ruleset } from '../../model/ruleset.js'
import { type SaveContext, parseIptablesSave } from '../iptables-save.js'
import { problemAt } from '../problems.js'

/** Lines of a dump, made of lines of something else: each knows the line that it was made of. */
export class Rewritten {
  private readonly texts: string[] = []
  private readonly lines: number[] = []
  private readonly originals = new Map<number, string>()

  /**
   * @param line number of the line that it was made of, from 1
   * @param original that line, where the two have no columns in common
   */
  push(text: string, line: number, original?: string): void {
    this.texts.push(text)
    this.lines.push(line)
    if (original !== undefined) this.originals.set(line, original)
  }

  /** Reads the lines as a dump; places are those of the original. */
  parse(context: SaveContext): { readonly ruleset: Ruleset; readonly problems: Problem[] } {
    const { ruleset, problems } = parseIptablesSave(`${this.texts.join('\n')}\n`, context)
    const line = (number: number): number => this.lines[number - 1] ?? this.lines.at(-1) ?? 1
    return {
      problems: problems.map(problem => {
        const original = this.originals.get(line(problem.line))
        if (original === undefined) return { ...problem, line: line(problem.line) }
        const { file, message, severity } = problem
        return problemAt({ file, line: line(problem.line), column: 1 }, message, original, severity)
      }),
      ruleset: {
        ...ruleset,
        tables: ruleset.tables.map(table => ({
          ...table,
          line: line(table.line),
          chains: table.chains.map(chain => ({
            ...chain,
            line: line(chain.line),
            rules: chain.rules.map(rule => ({ ...rule, line: line(rule.line) })),
          })),
        })),
      },
    }
  }
}
