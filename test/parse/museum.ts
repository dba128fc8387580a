import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Family } from '../../src/values/ip.js'

/** Dumps of other people's machines, beside the project; nothing of them is copied into it. */
export const MUSEUM = new URL('../../../shared/data/dumps', import.meta.url).pathname

export interface Exhibit {
  readonly path: string
  readonly kind: string
  /** What iptables itself says of a rules dump: both back ends load it, both refuse it, or they disagree. */
  readonly verdict: string
  readonly text: string
  /** What `iptables-legacy-save` prints after loading it. */
  readonly canonical: string
  readonly toolError: string
}

export const hasMuseum = existsSync(join(MUSEUM, 'INDEX.tsv'))

/** All dumps of some kinds; none where the museum is absent. */
export function exhibits(...kinds: readonly string[]): readonly Exhibit[] {
  if (!hasMuseum) return []
  const [head, ...rows] = readFileSync(join(MUSEUM, 'INDEX.tsv'), 'utf8').trimEnd().split('\n')
  const names = head!.split('\t')
  return rows.flatMap(row => {
    const cells = row.split('\t')
    const cell = (name: string) => cells[names.indexOf(name)] ?? ''
    if (!kinds.includes(cell('kind'))) return []
    const text = readFileSync(join(MUSEUM, cell('path')), 'utf8')
    const canonical = cell('canonical') === '' ? text : readFileSync(join(MUSEUM, cell('canonical')), 'utf8')
    return [
      {
        path: cell('path'),
        kind: cell('kind'),
        verdict: cell('verdict'),
        text,
        canonical,
        toolError: cell('tool_error'),
      },
    ]
  })
}

export const familyOfKind = (kind: string): Family => (kind.startsWith('ip6') ? 'ipv6' : 'ipv4')

/** Tables, chains with policies, and rules in their order; counters and comment lines aside. */
export function comparable(save: string): Record<string, { chains: string[]; rules: string[] }> {
  const tables: Record<string, { chains: string[]; rules: string[] }> = {}
  let table: { chains: string[]; rules: string[] } | undefined
  for (const line of save.split('\n').map(l => l.trim())) {
    if (line === '' || line.startsWith('#') || line === 'COMMIT') continue
    if (line.startsWith('*')) {
      table = { chains: [], rules: [] }
      tables[line.slice(1).trim()] = table
    } else if (line.startsWith(':')) table?.chains.push(line.slice(1).split(/\s+/).slice(0, 2).join(' '))
    else table?.rules.push(line.replace(/^\[\d+:\d+\] /, ''))
  }
  for (const { chains, rules } of Object.values(tables)) {
    chains.sort()
    // Stable: the order within a chain stays
    rules.sort((a, b) => chainOf(a).localeCompare(chainOf(b)))
  }
  return tables
}
const chainOf = (rule: string): string => rule.split(' ')[1] ?? ''
