import type { Problem } from '../../model/place.js'
import type { Ruleset } from '../../model/ruleset.js'
import type { SaveContext } from '../iptables-save.js'
import { linesOf, type Line } from '../lines.js'
import { problemAt } from '../problems.js'
import { Rewritten } from './rewritten.js'
import { guessTable, isBuiltin } from './table-guess.js'

export interface ListingContext extends SaveContext {
  /** The table of a listing that does not name it; absent: told by its chains and targets. */
  readonly table?: string
}

/** `$ sudo iptables -w -t nat -S`: a command, as it stands before its output. */
const COMMAND = /\bip6?tables(?:-nft|-legacy)?\b[^|;&]*?\s-(?:S|-list-rules)\b/
const TABLE = /\s(?:-t|--table[= ])\s*(\w+)/

interface Segment {
  table: string | undefined
  readonly lines: Line[]
}

/**
 * Reads the output of `iptables -S`, for one table or one after the other: each begins with its policies. Its rules
 * are those of `iptables-save`; only the table's name is missing.
 */
export function parseRuleListing(
  text: string,
  context: ListingContext,
): { readonly ruleset: Ruleset; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const rewritten = new Rewritten()
  for (const segment of segmentsOf(text, problems)) {
    const first = segment.lines[0]!
    const table = segment.table ?? context.table ?? guess(segment, problems, context.file)
    rewritten.push(`*${table}`, first.number)
    const known = new Set<string>()
    for (const line of segment.lines) {
      // of one chain alone (-S CHAIN) the others are not listed; a rule may still name them
      const chain = /^-A (\S+)/.exec(line.text)?.[1]
      if (chain !== undefined && !known.has(chain) && !isBuiltin(chain))
        rewritten.push(`:${chain} - [0:0]`, line.number)
      const declared = declaration(line.text)
      known.add(declared?.chain ?? chain ?? '')
      rewritten.push(declared?.text ?? line.text, line.number)
    }
    rewritten.push('COMMIT', segment.lines.at(-1)!.number)
  }
  const read = rewritten.parse(context)
  return { ruleset: read.ruleset, problems: [...problems, ...read.problems] }
}

/** `-P INPUT DROP -c 10 2000` and `-N CHAIN` in the form that a dump has for them. */
function declaration(text: string): { readonly chain: string; readonly text: string } | undefined {
  const policy = /^-P (\S+) (\S+)(?: -c (\d+) (\d+))?\s*$/.exec(text)
  if (policy) {
    const [, chain = '', verdict, packets = '0', bytes = '0'] = policy
    return { chain, text: `:${chain} ${verdict} [${packets}:${bytes}]` }
  }
  const user = /^-N (\S+)\s*$/.exec(text)?.[1]
  return user === undefined ? undefined : { chain: user, text: `:${user} - [0:0]` }
}

function segmentsOf(text: string, problems: Problem[]): Segment[] {
  const segments: Segment[] = []
  let open: Segment | undefined
  let rules = false
  const begin = (table: string | undefined): Segment => {
    rules = false
    open = { table, lines: [] }
    segments.push(open)
    return open
  }
  for (const line of linesOf(text, problems)) {
    if (COMMAND.test(line.text)) begin(TABLE.exec(line.text)?.[1] ?? 'filter')
    else if (!/^\s*#/.test(line.text)) {
      // policies come first: the next one after rules is another table's
      if (open === undefined || (rules && line.text.startsWith('-P '))) begin(undefined)
      if (/^-[AN] /.test(line.text)) rules = true
      open!.lines.push(line)
    }
  }
  return segments.filter(segment => segment.lines.length > 0)
}

function guess({ lines }: Segment, problems: Problem[], file: string): string {
  const builtins = new Set<string>()
  const targets = new Set<string>()
  for (const { text } of lines) {
    const chain = /^-[PA] (\S+)/.exec(text)?.[1]
    if (chain !== undefined && isBuiltin(chain)) builtins.add(chain)
    const target = / -j (\S+)/.exec(text)?.[1]
    if (target !== undefined) targets.add(target)
  }
  const found = guessTable(builtins, targets)
  if (!found?.sure) {
    const { number, text } = lines[0]!
    const message = `the table is not told; ${found?.table ?? 'filter'} is supposed (--table says it)`
    problems.push(problemAt({ file, line: number, column: 1 }, message, text, 'warning'))
  }
  return found?.table ?? 'filter'
}
