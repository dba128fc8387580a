import type { Ip } from '../../values/ip.js'
import { type ArgsOf, defineMatch, type RuleEnv } from '../extension.js'
import { allOf, type Part, part } from '../parts.js'
import { flag } from '../values.js'
import { wordBits } from './bits.js'

/** The RTN_* types in the kernel's order, which is the order of printing. */
const TYPES = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
]
const NOT_IN_IPV6 = new Set(['BROADCAST', 'BLACKHOLE', 'PROHIBIT', 'THROW', 'NAT', 'XRESOLVE'])
const types = (flagName: string) => wordBits([flagName], TYPES, w => `bad type "${w}"`, { negatable: true })
const options = {
  src: types('--src-type'),
  dst: types('--dst-type'),
  limitIn: flag('--limit-iface-in'),
  limitOut: flag('--limit-iface-out'),
} as const

export const addrtype = defineMatch({
  name: 'addrtype',
  summary: 'what the routing tables say an address is: LOCAL, UNICAST, BROADCAST, …',
  doc: '--limit-iface-in and -out ask one device instead of the whole machine: is it an address of that device?',
  kernel: 'net/netfilter/xt_addrtype.c addrtype_mt_v1()',
  options,
  check({ src, dst, limitIn, limitOut }, { chain, family }) {
    if (!src && !dst) return 'you must specify --src-type or --dst-type'
    if (limitIn && limitOut)
      return 'option "--limit-iface-in" cannot be used together with "--limit-iface-out".'
    if (limitIn && (chain === 'OUTPUT' || chain === 'POSTROUTING'))
      return 'input interface limitation not valid in POSTROUTING and OUTPUT'
    if (limitOut && (chain === 'INPUT' || chain === 'PREROUTING'))
      return 'output interface limitation not valid in PREROUTING and INPUT'
    if (family !== 'ipv6') return undefined
    // addrtype_mt_checkentry_v1()
    const wrong = [...(src?.value ?? []), ...(dst?.value ?? [])].find(t => NOT_IN_IPV6.has(t))
    return wrong && `ipv6 ${wrong} matching is not supported`
  },
  ...allOf<ArgsOf<typeof options>>((env, { src, dst, limitIn, limitOut }) => {
    const dev = limitIn ? env.in : limitOut ? env.out : undefined
    const parts: Part[] = []
    if (src) parts.push(typePart(env, 'source', env.skb.packet.src, src, dev))
    if (dst) parts.push(typePart(env, 'destination', env.skb.packet.dst, dst, dev))
    return parts
  }),
})

function typePart(
  env: RuleEnv,
  what: string,
  address: Ip,
  { value, not }: { readonly value: readonly string[]; readonly not: boolean },
  dev: string | undefined,
): Part {
  const types = env.addressTypes(address, dev).map(type => type.toUpperCase())
  const six = address.includes(':')
  const raw = six ? matches6(address, types, value) : types.some(type => value.includes(type))
  const seen = types.join() || (address.startsWith('ff') ? 'MULTICAST' : 'UNICAST')
  const where = dev === undefined ? '' : ` on ${dev}`
  return part(raw, not, () => `${what} ${address} is ${seen}${where}${raw ? '' : `, not ${value.join(',')}`}`)
}

/** The types that IPv6 asks the routes about; the others are read off the address itself. */
const ROUTED6 = ['LOCAL', 'ANYCAST', 'PROHIBIT', 'UNREACHABLE']

/** match_type6(): what the address looks like must fit every type that asks for it, so a local address is UNICAST too. */
function matches6(address: Ip, seen: readonly string[], value: readonly string[]): boolean {
  const multicast = address.startsWith('ff')
  if (value.includes('MULTICAST') && !multicast) return false
  if (value.includes('UNICAST') && (multicast || address === '::')) return false
  if (value.includes('UNSPEC') && address !== '::') return false
  return !value.some(type => ROUTED6.includes(type)) || seen.some(type => value.includes(type))
}
