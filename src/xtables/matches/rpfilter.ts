import type { Packet } from '../../model/packet.js'
import { ipBits } from '../../values/ip.js'
import { type ArgsOf, defineMatch, negate, type RuleEnv, type Truth } from '../extension.js'
import { flag } from '../values.js'

const options = {
  loose: flag('--loose'),
  validmark: flag('--validmark'),
  acceptLocal: flag('--accept-local'),
  invert: flag('--invert'),
} as const
type Args = ArgsOf<typeof options>

export const rpfilter = defineMatch({
  name: 'rpfilter',
  summary: 'would an answer leave by the device that this packet came in by?',
  doc: '--loose is content with any device, --validmark takes the mark into the look-up, --accept-local lets the own addresses pass.',
  kernel: 'net/ipv4/netfilter/ipt_rpfilter.c rpfilter_mt(), net/ipv6/netfilter/ip6t_rpfilter.c rpfilter_mt()',
  tables: ['raw', 'mangle'],
  hooks: ['PREROUTING'],
  options,
  match: (env, args) => negate(holds(env, args), args.invert !== undefined),
  because(env, args) {
    const ok = holds(env, args)
    const how = args.loose ? 'by some device' : `by ${env.in ?? 'no device'}`
    return `packets to ${env.skb.packet.src} would ${ok === true ? '' : ok === false ? 'not ' : 'perhaps '}leave ${how}`
  },
})

/** Of a machine that has no address yet: to all, or to neighbours (IPv4); IPv6 will not forward it anyhow. */
function comesFromNowhere({ family, src, dst }: Packet): boolean {
  if (family === 'ipv6') return src === '::'
  return ipBits(src)[0]! >>> 24 === 0 && (dst === '255.255.255.255' || ipBits(dst)[0]! >>> 8 === LOCAL_GROUPS)
}
/** 224.0.0.0/24 */
const LOCAL_GROUPS = 0xe00000

function holds(env: RuleEnv, args: Args): Truth {
  // what this machine sends to itself passes
  if (env.in === 'lo' || env.skb.pktType === 'loopback') return true
  if (comesFromNowhere(env.skb.packet)) return true
  return env.reversePathOk({
    loose: args.loose !== undefined,
    validMark: args.validmark !== undefined,
    acceptLocal: args.acceptLocal !== undefined,
  })
}
