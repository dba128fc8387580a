/** Rules as they are gathered, chain by chain, before they are a text. */
export class Dump {
  private readonly tables = new Map<string, Map<string, { policy: string; rules: string[] }>>()

  constructor() {
    for (const [table, chains] of Object.entries(BUILT_IN))
      for (const chain of chains) this.chain(table, chain, 'ACCEPT')
    for (const chain of BUILT_IN.raw) this.add('raw', chain, '-j TRACE')
  }

  chain(table: string, name: string, policy = '-'): void {
    const chains = this.tables.get(table) ?? new Map<string, { policy: string; rules: string[] }>()
    this.tables.set(table, chains)
    const there = chains.get(name)
    if (!there) chains.set(name, { policy, rules: [] })
    else if (policy !== '-') there.policy = policy
  }

  /** Appends rules; the chain is made if need be. */
  add(table: string, chain: string, ...rules: readonly string[]): void {
    this.chain(table, chain)
    this.tables
      .get(table)!
      .get(chain)!
      .rules.push(...rules)
  }

  /** Puts a rule somewhere into a chain, after the TRACE of raw. */
  insert(table: string, chain: string, rule: string, share: number): void {
    this.chain(table, chain)
    const { rules } = this.tables.get(table)!.get(chain)!
    const first = rules[0] === '-j TRACE' ? 1 : 0
    rules.splice(first + Math.floor(share * (rules.length + 1 - first)), 0, rule)
  }

  chains(table: string): readonly string[] {
    return [...(this.tables.get(table)?.keys() ?? [])]
  }

  toString(): string {
    return [...this.tables]
      .flatMap(([table, chains]) => [
        `*${table}`,
        ...[...chains].map(([name, { policy }]) => `:${name} ${policy} [0:0]`),
        ...[...chains].flatMap(([name, { rules }]) => rules.map(rule => `-A ${name} ${rule}`)),
        'COMMIT\n',
      ])
      .join('\n')
      .replaceAll('\n\n', '\n')
  }
}

/** What NAT of IPv6 takes xtables-monitor prints as if it were of IPv4: such a rule is known by a number. */
export const numbered = (six: boolean, number: number): string =>
  six ? `-m comment --comment r9${number} ` : ''

const BUILT_IN = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const
