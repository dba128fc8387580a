import { PROTO } from '../../values/proto.js'
import { defineTarget } from '../extension.js'
import { readUint } from '../numbers.js'
import { option } from '../options.js'
import { flag, outOfRange } from '../values.js'
import { atLeastOne } from './given.js'

const MSS_OPTION = 2
/** What a SYN without the option stands for (RFC 1122, RFC 8200): no more is put into it. */
const LEAST_MSS = { ipv4: 536, ipv6: 1220 } as const

/** Changes the segment size that a SYN announces. */
export const tcpmssTarget = defineTarget({
  name: 'TCPMSS',
  summary: 'set the MSS option of a TCP SYN, or clamp it to the path MTU',
  doc: `Helps where "fragmentation needed" messages get lost. Clamping looks at the outgoing device, so it works in FORWARD,
OUTPUT and POSTROUTING only. What is offered is never raised; a SYN without the option gets one.`,
  kernel: 'net/netfilter/xt_TCPMSS.c tcpmss_tg4(), tcpmss_tg6()',
  protos: [PROTO.tcp],
  options: {
    clamp: flag('--clamp-mss-to-pmtu'),
    set: option<number>({
      flags: ['--set-mss'],
      words: 1,
      read([word], { family }, as) {
        // the largest datagram less the two headers
        const max = 65535 - (family === 'ipv4' ? 20 : 40)
        const n = readUint(word!, max)
        if (Number.isNaN(n)) throw outOfRange(as, 0, max)
        return n
      },
      print: n => [String(n)],
    }),
  },
  check(args, rule) {
    if (args.clamp && (rule.chain === 'PREROUTING' || rule.chain === 'INPUT'))
      return 'the path MTU is known in FORWARD, OUTPUT and POSTROUTING only'
    return atLeastOne(args, { set: '--set-mss', clamp: '--clamp-mss-to-pmtu' })
  },
  complete: args => (args.clamp ? { clamp: args.clamp } : args),
  act({ skb, pathMtu }, { set, clamp }) {
    const { packet } = skb
    const mtu = clamp ? pathMtu?.() : undefined
    const fits = mtu === undefined ? undefined : mtu - (packet.family === 'ipv4' ? 40 : 60)
    const asked = clamp ? fits : set?.value
    if (asked === undefined || packet.fragmentOffset > 0) return { kind: 'continue' }
    if (packet.mss !== undefined)
      return asked >= packet.mss
        ? { kind: 'continue' }
        : { kind: 'continue', skb: { ...skb, packet: { ...packet, mss: asked } } }
    // without the option (which engine and sender would tell) it is put in front, unless data is in the way
    if (packet.payload > 0 || !packet.tcpOptions || packet.tcpOptions.includes(MSS_OPTION))
      return { kind: 'continue' }
    const mss = Math.min(asked, LEAST_MSS[packet.family])
    const tcpOptions = [MSS_OPTION, ...packet.tcpOptions]
    return { kind: 'continue', skb: { ...skb, packet: { ...packet, mss, tcpOptions } } }
  },
})
