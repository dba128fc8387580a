import type { Problem } from '../model/place.js'
import type { Backend, Ruleset } from '../model/ruleset.js'
import type { Family } from '../values/ip.js'
import { chunksOf, countLines } from './chunks.js'
import { parse } from './generated/iptables-save.js'
import { problemAt } from './problems.js'
import { describeKind, recognise } from './recognise.js'
import type { LineNode, RuleNode } from './restore/nodes.js'
import { createRestore } from './restore/restore.js'
import { whyNot } from './syntax.js'

export interface SaveContext {
  readonly file: string
  readonly family: Family
  readonly backend: Backend
  /** A rule that is wrong stays in its chain as far as it was read, the rest of it unknown. Default: it is left out. */
  readonly keepUnread?: boolean
}

/** Bytes of a line that iptables-restore 1.8.9 reads at once (asked: 10,239 are taken, 10,240 are cut in two). */
export const LONGEST_LINE = 10_239

/** After so many errors the rest is not read: this is no dump. So many warnings are told, no more. */
const ENOUGH = 1000

/**
 * Reads `iptables-save` text, and what else `iptables-restore` takes (`-I`, `-N`, `-P` …). Never throws on bad
 * text: each problem says what and where, and the lines beside it are still read.
 */
export function parseIptablesSave(
  text: string,
  context: SaveContext,
): { ruleset: Ruleset; problems: readonly Problem[] } {
  const { file, family, backend, keepUnread = false } = context
  const problems: Problem[] = []
  const tool = family === 'ipv6' ? 'ip6tables-restore' : 'iptables-restore'
  const told = { error: 0, warning: 0 }
  const report = (
    severity: Problem['severity'],
    line: number,
    column: number,
    message: string,
    source: string,
  ) => {
    if (told[severity]++ < ENOUGH) problems.push(problemAt({ file, line, column }, message, source, severity))
  }
  const other = otherKind(text, family)
  if (other !== undefined) {
    report('error', 1, 1, other, text.slice(0, 200).split('\n', 1)[0]!.trimEnd())
    return { ruleset: { family, backend, file, tables: [] }, problems }
  }
  const restore = createRestore({ file, family, backend, keepUnread })

  for (const chunk of chunksOf(text, LONGEST_LINE, tool)) {
    if (chunk.refused) {
      report('error', chunk.line, chunk.refused.column, chunk.refused.message, chunk.text)
    } else {
      const nodes = parse(chunk.text, BULK) as readonly LineNode[]
      let sources: string[] | undefined
      for (let i = 0; i < nodes.length && told.error < ENOUGH; i++) {
        const node = nodes[i]!
        const line = chunk.line + i
        const found = node.kind === 'bad' ? undefined : restore.take(node, line)
        if (node.kind !== 'bad' && found === undefined) continue
        sources ??= chunk.text.split('\n')
        const source = sources[i]!.replace(/\r$/, '')
        if (found === undefined) {
          const why = whyNot(() => parse(source, { startRule: 'Line' }), source)
          report('error', line, why.column, why.message, source)
          const begun = keepUnread ? beginningOf(source, why.column) : undefined
          if (begun) restore.unreadable(begun, line, why.message)
        } else for (const p of found) report(p.severity, line, p.column, p.message, source)
      }
    }
    if (told.error >= ENOUGH) break
  }

  if (told.error >= ENOUGH) {
    const last = problems.at(-1)!
    problems.push({ ...last, message: 'too many errors: the rest of the file is not read' })
  } else {
    const cut = restore.end()
    if (cut) {
      const line = Math.max(1, countLines(text))
      const start = text.lastIndexOf('\n', text.length - (text.endsWith('\n') ? 2 : 1)) + 1
      report('error', line, 1, cut, text.slice(start).trimEnd())
    }
  }
  return { ruleset: { family, backend, file, tables: restore.tables() }, problems }
}

const BULK = { startRule: 'Chunk', peg$silentFails: 1 } as const

/** What can be read of a rule before the column at which it goes wrong. */
function beginningOf(source: string, column: number): RuleNode | undefined {
  try {
    const node = parse(source.slice(0, column - 1), { startRule: 'Line' }) as LineNode
    return node.kind === 'rule' ? { ...node, text: source.trim() } : undefined
  } catch {
    return undefined
  }
}

/** What is plainly another command's output gets one answer, not one a line. */
function otherKind(text: string, family: Family): string | undefined {
  const kind = recognise(text)
  if (kind === undefined || kind === 'iptables-save' || kind === 'ip6tables-save') return undefined
  return `expected ${family === 'ipv6' ? '`ip6tables-save`' : '`iptables-save`'}; this looks like ${describeKind(kind)}`
}
