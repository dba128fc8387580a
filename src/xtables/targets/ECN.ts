import { TCP } from '../../model/packet.js'
import { PROTO } from '../../values/proto.js'
import { defineTarget } from '../extension.js'
import { flag, uint } from '../values.js'
import { atLeastOne, given } from './given.js'

/** Changes the bits of explicit congestion notification. */
export const ecnTarget = defineTarget({
  name: 'ECN',
  summary: 'clear or set the congestion bits of the TCP header, or of the TOS byte',
  doc: `--ecn-tcp-remove clears ECE and CWR, for servers that choke on them; it is printed together with the other options
as the two bits that it clears.`,
  kernel: 'net/ipv4/netfilter/ipt_ECN.c ecn_tg()',
  family: 'ipv4',
  tables: ['mangle'],
  options: {
    remove: flag('--ecn-tcp-remove'),
    ece: uint('--ecn-tcp-ece', { max: 1 }),
    cwr: uint('--ecn-tcp-cwr', { max: 1 }),
    ect: uint('--ecn-ip-ect', { max: 3 }),
  },
  check(args, rule) {
    if (args.remove && (args.ece || args.cwr))
      return `option "--ecn-tcp-remove" cannot be used together with "${args.ece ? '--ecn-tcp-ece' : '--ecn-tcp-cwr'}"`
    const ofTcp = args.remove ?? args.ece ?? args.cwr
    if (ofTcp && (rule.proto !== PROTO.tcp || rule.protoNot)) return 'TCP bits need -p tcp'
    return atLeastOne(args, {
      remove: '--ecn-tcp-remove',
      ece: '--ecn-tcp-ece',
      cwr: '--ecn-tcp-cwr',
      ect: '--ecn-ip-ect',
    })
  },
  complete: args => (args.remove && args.ect ? { ece: given(0), cwr: given(0), ect: args.ect } : args),
  act({ skb }, { remove, ece, cwr, ect }) {
    const { packet } = skb
    const tos = ect ? (packet.tos & ~3) | ect.value : packet.tos
    if (packet.tcpFlags === undefined)
      return { kind: 'continue', skb: { ...skb, packet: { ...packet, tos } } }
    const bit = (flags: number, mask: number, wanted: number | undefined): number =>
      wanted === undefined ? flags : wanted ? flags | mask : flags & ~mask
    const clear = remove ? 0 : undefined
    const tcpFlags = bit(bit(packet.tcpFlags, TCP.ECE, ece?.value ?? clear), TCP.CWR, cwr?.value ?? clear)
    return { kind: 'continue', skb: { ...skb, packet: { ...packet, tos, tcpFlags } } }
  },
})
