import { endsOf } from '../../skb/ends.js'
import { anyIp, familyOf, type Ip } from '../../values/ip.js'
import { type MarkMask, setXmark } from '../../values/mark.js'
import { PROTO, protoLabel } from '../../values/proto.js'
import { defineTarget, type Outcome, type RuleEnv } from '../extension.js'
import { BadValue, option } from '../options.js'
import { servicePort } from '../services.js'
import { maskedMark } from '../values.js'
import { given } from './given.js'
import { hostAddress } from './host-address.js'

/** Hands the packet to a local socket without changing it. */
export const tproxyTarget = defineTarget({
  name: 'TPROXY',
  summary: 'give the packet to a local socket, addresses unchanged',
  doc: `A socket of the packet's own connection comes first, then one that listens on --on-ip and --on-port; without one, or if it
lacks IP_TRANSPARENT, the packet is dropped. Without
--on-ip it is the first address of the device that the packet came in by, without a port the packet's own. An ip rule for
the mark and a local route must lead the packet to INPUT.`,
  kernel: 'net/netfilter/xt_TPROXY.c tproxy_tg4(), tproxy_tg6_v1()',
  tables: ['mangle'],
  hooks: ['PREROUTING'],
  protos: [PROTO.tcp, PROTO.udp],
  options: {
    port: option<number>({
      flags: ['--on-port'],
      words: 1,
      required: true,
      read([word]) {
        // decimal only, and the low 16 bits count
        const port = /^\d{1,18}$/.test(word!) ? Number(BigInt(word!) & 0xffffn) : servicePort(word!)
        if (port === undefined) throw new BadValue(`port "${word}" is not known`)
        return port
      },
      print: n => [String(n)],
    }),
    ip: hostAddress('--on-ip'),
    mark: maskedMark('--tproxy-mark', { full: 'show' }),
  },
  complete: (args, { family }) => ({
    ...args,
    ip: args.ip ?? given(anyIp(family)),
    mark: args.mark ?? given<MarkMask>({ value: 0, mask: 0 }),
  }),
  act(env, args) {
    const { skb } = env
    const { proto, dport } = skb.packet
    if ((proto !== PROTO.tcp && proto !== PROTO.udp) || dport === undefined)
      return { kind: 'verdict', verdict: 'DROP', because: 'the packet has no ports' }
    const asked = args.ip?.value
    const address = asked !== undefined && asked !== anyIp(env.family) ? asked : ownAddress(env)
    const port = args.port?.value || dport
    // a socket of this very connection comes first, then the one that the rule names
    const ends = endsOf(skb.packet)
    const own = env.socketAt(ends)
    const found = own?.isConnected ? own : env.socketAt({ ...ends, local: { address, port } })
    const drop = (because: string): Outcome => ({ kind: 'verdict', verdict: 'DROP', because })
    if (!found)
      return env.netns.listenersKnown === false
        ? { kind: 'unknown', because: `who listens on ${address} port ${port} was not dumped` }
        : drop(`no ${protoLabel(proto)} socket listens on ${address} port ${port}`)
    // of listeners the dump does not tell: those that a rule names are taken for transparent
    if (found.transparent === false) return drop(`${found.name} comes first, and is not transparent`)
    const mark = args.mark ? setXmark(skb.mark, args.mark.value) : skb.mark
    const tproxy = found === own ? ends : { address, port }
    return { kind: 'verdict', verdict: 'ACCEPT', skb: { ...skb, mark, tproxy } }
  },
})

/** nf_tproxy_laddr4(), nf_tproxy_laddr6(): the device's first address, or what the packet itself asks for. */
function ownAddress(env: RuleEnv): Ip {
  const dev = env.in ?? env.skb.dev
  const own = dev === undefined ? [] : env.addressesOf(dev).filter(a => familyOf(a) === env.family)
  return own[0] ?? env.skb.packet.dst
}
