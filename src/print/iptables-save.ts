import { BUILTIN_CHAINS, type Chain, type Ruleset, type Table } from '../model/ruleset.js'
import { printRule } from '../xtables/print-rule.js'

/**
 * A ruleset as `iptables-legacy-save` prints it: built-in chains in the order of their hooks, then the others by
 * name. The tables keep their order.
 */
export function printRuleset(ruleset: Ruleset, options: { readonly counters?: boolean } = {}): string {
  const tool = ruleset.family === 'ipv6' ? 'ip6tables-save' : 'iptables-save'
  const lines = [`# As ${tool} prints it, by nfsim`]
  for (const table of ruleset.tables) {
    const chains = inPrintOrder(table)
    lines.push(`*${table.name}`)
    for (const chain of chains) lines.push(`:${chain.name} ${chain.policy ?? '-'} ${counted(chain.counters)}`)
    for (const chain of chains)
      for (const rule of chain.rules) {
        const text = printRule(rule, chain.name, ruleset)
        lines.push(options.counters ? `${counted(rule.counters)} ${text}` : text)
      }
    lines.push('COMMIT')
  }
  return `${lines.join('\n')}\n`
}

/** Counters as the kernel keeps them, 64 bits: beyond 2^53 the last digits are not exact. */
const counted = (counters: Chain['counters']): string =>
  counters ? `[${BigInt(counters[0])}:${BigInt(counters[1])}]` : '[0:0]'

function inPrintOrder(table: Table): readonly Chain[] {
  const order = Object.hasOwn(BUILTIN_CHAINS, table.name) ? BUILTIN_CHAINS[table.name]! : []
  const rank = (chain: Chain): number => {
    const at = order.indexOf(chain.name)
    return at < 0 ? order.length : at
  }
  // strcmp(3), which libiptc sorts by
  return [...table.chains].sort(
    (a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  )
}
