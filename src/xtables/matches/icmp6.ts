import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { option } from '../options.js'
import { allOf, hasTransport, isnt, part } from '../parts.js'
import { inRange } from '../values.js'
import { type IcmpNames, type IcmpTest, icmpText, readIcmp } from './icmp-types.js'

/** Type names of -m icmp6; ipset uses them too. */
export const ICMP6_NAMES: IcmpNames = [
  ['destination-unreachable', 1],
  ['no-route', 1, 0],
  ['communication-prohibited', 1, 1],
  ['beyond-scope', 1, 2],
  ['address-unreachable', 1, 3],
  ['port-unreachable', 1, 4],
  ['failed-policy', 1, 5],
  ['reject-route', 1, 6],
  ['packet-too-big', 2],
  ['time-exceeded', 3],
  ['ttl-exceeded', 3],
  ['ttl-zero-during-transit', 3, 0],
  ['ttl-zero-during-reassembly', 3, 1],
  ['parameter-problem', 4],
  ['bad-header', 4, 0],
  ['unknown-header-type', 4, 1],
  ['unknown-option', 4, 2],
  ['echo-request', 128],
  ['ping', 128],
  ['echo-reply', 129],
  ['pong', 129],
  ['mld-listener-query', 130],
  ['mld-listener-report', 131],
  ['mld-listener-done', 132],
  ['mld-listener-reduction', 132],
  ['router-solicitation', 133],
  ['router-advertisement', 134],
  ['neighbour-solicitation', 135],
  ['neighbor-solicitation', 135],
  ['neighbour-advertisement', 136],
  ['neighbor-advertisement', 136],
  ['redirect', 137],
]

const options = {
  type: option<IcmpTest>({
    flags: ['--icmpv6-type'],
    words: 1,
    negatable: true,
    required: true,
    read: ([word]) => readIcmp(word!, ICMP6_NAMES, 'ICMPv6'),
    print: t => [icmpText(t)],
  }),
} as const

export const icmp6 = defineMatch({
  name: 'icmp6',
  summary: 'type and code of an ICMPv6 message',
  doc: 'Also loaded by -m icmpv6 and -p ipv6-icmp. Names may be shortened as long as they stay clear.',
  kernel: 'net/netfilter/xt_tcpudp.c icmp6_match()',
  family: 'ipv6',
  protos: [PROTO.icmpv6],
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { type }) => {
    if (!type) return []
    const { icmp: seen } = packet
    if (!seen || !hasTransport(packet)) return [part(false, false, () => 'no ICMPv6 header can be seen')]
    const { value, not } = type
    const raw = seen.type === value.type && inRange(seen.code, value.code)
    return [part(raw, not, () => `ICMPv6 type ${seen.type}/${seen.code} is ${isnt(raw)}${icmpText(value)}`)]
  }),
})
