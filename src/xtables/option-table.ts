import type { MatchExtension, TargetExtension } from './extension.js'
import type { OptionSpec } from './options.js'

/** What the base options of a rule are called inside; `?` options are read and have no effect on a rule. */
export type BaseOption =
  | 'source'
  | 'destination'
  | 'protocol'
  | 'in'
  | 'out'
  | 'fragment'
  | 'match'
  | 'jump'
  | 'goto'
  | 'counters'
  | 'ipv4'
  | 'ipv6'
  | 'verbose'
  | 'wait'
  | 'modprobe'
  | 'table'
  | 'command'
  | 'listing'

const BASE: readonly (readonly [BaseOption, ...string[]])[] = [
  ['source', '-s', '--source', '--src'],
  ['destination', '-d', '--destination', '--dst'],
  ['protocol', '-p', '--protocol'],
  ['in', '-i', '--in-interface'],
  ['out', '-o', '--out-interface'],
  ['fragment', '-f', '--fragments'],
  ['match', '-m', '--match'],
  ['jump', '-j', '--jump'],
  ['goto', '-g', '--goto'],
  ['counters', '-c', '--set-counters'],
  ['ipv4', '-4', '--ipv4'],
  ['ipv6', '-6', '--ipv6'],
  ['verbose', '-v', '--verbose'],
  ['wait', '-w', '--wait'],
  ['modprobe', '-M', '--modprobe'],
  ['table', '-t', '--table'],
  ['command', '-A', '--append'],
  ['command', '-D', '--delete'],
  ['command', '-C', '--check'],
  ['command', '-I', '--insert'],
  ['command', '-R', '--replace'],
  ['command', '-L', '--list'],
  ['command', '-S', '--list-rules'],
  ['command', '-F', '--flush'],
  ['command', '-Z', '--zero'],
  ['command', '-N', '--new-chain'],
  ['command', '-X', '--delete-chain'],
  ['command', '-P', '--policy'],
  ['command', '-E', '--rename-chain'],
  ['command', '-h', '--help'],
  ['command', '-V', '--version'],
  ['listing', '-n', '--numeric'],
  ['listing', '-x', '--exact'],
  ['listing', '--line-numbers'],
]
const BASE_BY_FLAG = new Map<string, BaseOption>(
  BASE.flatMap(([what, ...flags]) => flags.map(f => [f, what] as const)),
)

export interface Row {
  readonly key: string
  // biome-ignore lint/suspicious/noExplicitAny: rows of every type stand in one table
  readonly spec: OptionSpec<any>
  readonly min: number
  readonly max: number
}
type Ext = MatchExtension | TargetExtension

/** An extension's rows by every spelling of their flags. */
export interface OptionTable {
  readonly byFlag: ReadonlyMap<string, Row>
  readonly rows: readonly Row[]
}

const tables = new WeakMap<Ext, OptionTable>()

export function optionTable(extension: Ext): OptionTable {
  let table = tables.get(extension)
  if (!table) {
    const rows = Object.entries(extension.options).map(([key, spec]): Row => {
      const [min, max] = typeof spec.words === 'number' ? [spec.words, spec.words] : spec.words
      return { key, spec, min, max }
    })
    table = { rows, byFlag: new Map(rows.flatMap(row => row.spec.flags.map(f => [f, row] as const))) }
    tables.set(extension, table)
  }
  return table
}

export const baseOption = (flag: string): BaseOption | undefined => BASE_BY_FLAG.get(flag)

/** What an abbreviation may stand for: getopt_long(3) takes it if all candidates are one option. */
export interface Candidate<L> {
  readonly flag: string
  readonly base?: BaseOption
  readonly row?: Row
  readonly owner?: L
}

/** Long options that begin with `prefix`, base ones and those of the loaded extensions; one entry an option. */
export function abbreviated<L extends { readonly extension: Ext | undefined }>(
  prefix: string,
  loaded: readonly L[],
): readonly Candidate<L>[] {
  const found: Candidate<L>[] = []
  if (!prefix.startsWith('--') || prefix.length < 3) return found
  for (const [flag, base] of BASE_BY_FLAG)
    if (flag.startsWith(prefix) && (base === 'command' || !found.some(c => c.base === base)))
      found.push({ flag, base })
  for (const owner of loaded) {
    if (!owner.extension) continue
    for (const row of optionTable(owner.extension).rows) {
      const flag = row.spec.flags.find(f => f.startsWith(prefix))
      if (flag !== undefined) found.push({ flag, row, owner })
    }
  }
  return found
}
