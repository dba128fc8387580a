import type { Listener } from '../../model/snapshot.js'
import { anyIp, familyOf, type Ip } from '../../values/ip.js'
import { type MarkMask, setXmark } from '../../values/mark.js'
import { PROTO, protoLabel } from '../../values/proto.js'
import { defineTarget, type RuleEnv } from '../extension.js'
import { BadValue, option } from '../options.js'
import { servicePort } from '../services.js'
import { maskedMark } from '../values.js'
import { given } from './given.js'
import { hostAddress } from './host-address.js'

/** Hands the packet to a local socket without changing it. */
export const tproxyTarget = defineTarget({
  name: 'TPROXY',
  summary: 'give the packet to a local socket, addresses unchanged',
  doc: `The socket must listen on --on-ip and --on-port with IP_TRANSPARENT; nothing listening: the packet is dropped. Without
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
    const listeners = env.netns.listeners
    if (listeners.length === 0 && !Object.hasOwn(env.netns.files, 'ss.txt'))
      return { kind: 'unknown', because: `who listens on ${address} port ${port} was not dumped` }
    const name = protoLabel(proto)
    if (!listeners.some(l => takes(l, name, address, port, env)))
      return {
        kind: 'verdict',
        verdict: 'DROP',
        because: `no ${name} socket listens on ${address} port ${port}`,
      }
    const mark = args.mark ? setXmark(skb.mark, args.mark.value) : skb.mark
    return { kind: 'verdict', verdict: 'ACCEPT', skb: { ...skb, mark, tproxy: { address, port } } }
  },
})

/** nf_tproxy_laddr4(), nf_tproxy_laddr6(): the device's first address, or what the packet itself asks for. */
function ownAddress(env: RuleEnv): Ip {
  const dev = env.in ?? env.skb.dev
  const own = dev === undefined ? [] : env.addressesOf(dev).filter(a => familyOf(a) === env.family)
  return own[0] ?? env.skb.packet.dst
}

const takes = (l: Listener, proto: string, address: Ip, port: number, env: RuleEnv): boolean =>
  l.proto === proto &&
  l.port === port &&
  l.families.includes(env.family) &&
  (l.address === undefined || l.address === address) &&
  (l.dev === undefined || l.dev === (env.in ?? env.skb.dev))
