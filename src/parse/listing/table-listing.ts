import type { Problem } from '../../model/place.js'
import type { Ruleset } from '../../model/ruleset.js'
import { parseIp } from '../../values/ip.js'
import { type Line, lineProblem, linesOf } from '../lines.js'
import { LISTED_MATCHES, LISTED_TARGETS } from './listed-words.js'
import { Rewritten } from './rewritten.js'
import type { ListingContext } from './rule-listing.js'
import { guessTable, isBuiltin } from './table-guess.js'

interface ListedRule {
  readonly line: Line
  readonly text: string
  readonly target: string
}
interface ListedChain {
  readonly line: Line
  readonly name: string
  readonly policy?: string
  readonly counters: string
  readonly rules: ListedRule[]
}

const CHAIN = /^Chain (\S+) \((?:policy (\w+)(?: (\w+) packets, (\w+) bytes)?|\d+ references)\)/
const COMMAND = /\bip6?tables(?:-nft|-legacy)?\b[^|;&]*?\s-(?:[nv]*L[nv]*|-list)\b/
const TABLE = /\s(?:-t|--table[= ])\s*(\w+)/
/** Behind number and counters: target (or none), protocol, options, with -v the devices, addresses, and the rest. */
const ROW = /^(?:(\S+) +)??(!?[\w-]+) +(--|-f|!f) +()()(!?[^\s!]\S*) +(!?[^\s!]\S*)(?: (.*))?$/
const ROW_V =
  /^(?:(\S+) +)??(!?[\w-]+) +(--|-f|!f) +(!?\S+) +(!?\S+) +(!?[^\s!]\S*) +(!?[^\s!]\S*)(?: (.*))?$/

/**
 * Reads `iptables -L`, as far as it goes: best of all with `-n -v`. What it hides (devices without -v, names in place
 * of numbers without -n, half of what some extensions were told) is said in warnings.
 */
export function parseTableListing(
  text: string,
  context: ListingContext,
): { readonly ruleset: Ruleset; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const rewritten = new Rewritten()
  let chains: ListedChain[] = []
  let table = context.table
  let columns = { line: false, counters: false }
  const flush = () => {
    if (chains.length > 0) writeTable(chains, table, rewritten, problems, context.file)
    chains = []
  }
  for (const line of linesOf(text, problems)) {
    const chain = CHAIN.exec(line.text)
    if (chain) {
      const [, name = '', policy, packets = '0', bytes = '0'] = chain
      if (chains.some(c => c.name === name)) flush()
      const counters = `[${count(packets)}:${count(bytes)}]`
      chains.push({ line, name, ...(policy !== undefined && { policy }), counters, rules: [] })
    } else if (COMMAND.test(line.text) || /^Table: /.test(line.text)) {
      flush()
      table = TABLE.exec(line.text)?.[1] ?? /^Table: (\w+)/.exec(line.text)?.[1] ?? 'filter'
    } else if (/^(num +)?( *pkts +bytes +)?target +prot +opt/.test(line.text)) {
      columns = { line: /^num/.test(line.text), counters: /pkts/.test(line.text) }
      if (!columns.counters && !problems.some(p => p.message === HIDES))
        problems.push(lineProblem(line, context.file, HIDES, 'warning'))
    } else if (!/^\s*#/.test(line.text)) {
      const rule = chains.length > 0 ? readRow(line, columns, chains.at(-1)!.name) : undefined
      if (typeof rule === 'object') chains.at(-1)!.rules.push(rule)
      else problems.push(lineProblem(line, context.file, rule ?? 'this is no line of a listing'))
    }
  }
  flush()
  const read = rewritten.parse(context)
  const told = read.problems.map(p => (p.message.includes("`unlisted'") ? { ...p, message: UNREAD } : p))
  return { ruleset: read.ruleset, problems: [...problems, ...told] }
}

const HIDES =
  '-L without -v hides the devices that rules ask for (-i, -o): a rule that seems to take all may not; take iptables-save'

const UNREAD = '-L tells too little of this rule: a part of it is unknown; take iptables-save'

/** `318K` is what `-v` makes of a large counter; digits that it dropped are not known. */
function count(text: string): string {
  const [, digits = '0', unit = ''] = /^(\d{1,15})([KMGT]?)$/.exec(text) ?? []
  return `${digits}${'000'.repeat(' KMGT'.indexOf(unit || ' '))}`
}

function readRow(
  line: Line,
  columns: { readonly line: boolean; readonly counters: boolean },
  chain: string,
): ListedRule | string {
  let rest = line.text
  if (columns.line) rest = rest.replace(/^ *\d+ /, '')
  let counters = ''
  if (columns.counters) {
    const [all = '', packets = '0', bytes = '0'] = /^ *(\d+[KMGT]?) +(\d+[KMGT]?) /.exec(rest) ?? []
    if (all === '') return 'expected the counters of a rule'
    rest = rest.slice(all.length)
    counters = `[${count(packets)}:${count(bytes)}] `
  }
  const row = (columns.counters ? ROW_V : ROW).exec(rest.trim())
  if (!row) return 'expected target, protocol, options, source and destination of a rule'
  const [, target = '-', proto = '', fragment, input = '', output = '', src = '', dst = '', more = ''] = row
  const words = [`-A ${chain}`]
  const add = (flag: string, value: string) =>
    words.push(value.startsWith('!') ? `! ${flag} ${value.slice(1)}` : `${flag} ${value}`)
  const hidden: string[] = []
  for (const [flag, address] of [
    ['-s', src],
    ['-d', dst],
  ] as const) {
    if (isAnywhere(address)) continue
    if (parseIp(address.replace(/^!/, '').split('/')[0]!) === undefined) hidden.push(`${flag} ${address}`)
    else add(flag, address)
  }
  if (!ANY_DEVICE.has(input)) add('-i', input)
  if (!ANY_DEVICE.has(output)) add('-o', output)
  if (proto !== 'all' && proto !== '0') add('-p', proto)
  if (fragment === '-f') words.push('-f')
  if (fragment === '!f') words.push('! -f')
  const read = readMore(more, target)
  words.push(...read.options)
  if (read.rest !== '') hidden.push(read.rest)
  // what could not be read makes the rule one that nobody knows, not another one
  if (hidden.length > 0) words.push(`-m unlisted --text "${hidden.join(' ').replace(/["\\]/g, '\\$&')}"`)
  if (target !== '-') words.push(`${read.goes ? '-g' : '-j'} ${target}`, read.target)
  return { line, text: `${counters}${words.join(' ').trimEnd()}`, target }
}

const ANY_DEVICE = new Set(['', '*', 'any'])
const isAnywhere = (address: string): boolean =>
  ['anywhere', '0.0.0.0/0', '::/0', '0.0.0.0', '::'].includes(address)

/** The rest of a row: options of matches, then those of the target. */
function readMore(
  more: string,
  target: string,
): { options: string[]; goes: boolean; target: string; rest: string } {
  let rest = more.trim()
  const goes = rest.startsWith('[goto]')
  if (goes) rest = rest.slice(6).trim()
  const options: string[] = []
  const ofTarget = Object.hasOwn(LISTED_TARGETS, target) ? LISTED_TARGETS[target] : undefined
  for (;;) {
    const found = LISTED_MATCHES.flatMap(([form, write]) => {
      const m = form.exec(rest)
      return m ? [{ length: m[0].length, text: write(m) }] : []
    })[0]
    if (!found || found.length === 0) break
    options.push(found.text)
    rest = rest.slice(found.length).trim()
  }
  const own = ofTarget?.[0].exec(rest)
  if (!own) return { options, goes, target: '', rest }
  return { options, goes, target: ofTarget![1](own), rest: rest.slice(own[0].length).trim() }
}

function writeTable(
  chains: readonly ListedChain[],
  told: string | undefined,
  rewritten: Rewritten,
  problems: Problem[],
  file: string,
): void {
  const builtins = new Set(chains.filter(c => isBuiltin(c.name)).map(c => c.name))
  const targets = new Set(chains.flatMap(c => c.rules.map(r => r.target)))
  const guessed = told === undefined ? guessTable(builtins, targets) : { table: told, sure: true }
  const first = chains[0]!
  const table = guessed?.table ?? 'filter'
  if (!guessed?.sure)
    problems.push(
      lineProblem(
        first.line,
        file,
        `the table is not told; ${table} is supposed (--table says it)`,
        'warning',
      ),
    )
  rewritten.push(`*${table}`, first.line.number)
  for (const { line, name, policy, counters } of chains)
    rewritten.push(`:${name} ${policy ?? '-'} ${counters}`, line.number)
  for (const { rules } of chains)
    for (const { line, text } of rules) rewritten.push(text, line.number, line.text)
  rewritten.push('COMMIT', chains.at(-1)!.line.number)
}
