import { type Family, familyOf, parseIp } from '../../values/ip.js'
import type { RawRule } from '../../xtables/raw.js'
import type { LineProblem } from './nodes.js'

const ADDRESS_FLAGS = new Set(['-s', '-d', '--source', '--destination', '--src', '--dst'])
const V6_NAMES = new Set([
  'icmpv6',
  'ipv6-icmp',
  'icmp6',
  'hl',
  'HL',
  'ipv6header',
  'eui64',
  'rt',
  'frag',
  'mh',
])

/** A line that can't be read and has addresses or names of the other family: the dump is of that family. */
export function familyHint(
  problems: readonly LineProblem[],
  raw: RawRule,
  family: Family,
): readonly LineProblem[] {
  const other = raw.options.some(({ flag, words }) => {
    const word = words[0]
    if (word === undefined) return false
    if (flag === '-p' || flag === '-m' || flag === '-j') return family === 'ipv4' && V6_NAMES.has(word)
    if (!ADDRESS_FLAGS.has(flag)) return false
    const address = parseIp(word.split(/[/,]/)[0]!)
    return address !== undefined && familyOf(address) !== family
  })
  if (!other) return problems
  const hint = family === 'ipv4' ? 'is this an ip6tables-save dump?' : 'is this an iptables-save dump?'
  return problems.map((p, i) => (i === 0 ? { ...p, message: `${p.message} (${hint})` } : p))
}
