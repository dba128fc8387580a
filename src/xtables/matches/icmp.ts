import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { option } from '../options.js'
import { allOf, hasTransport, isnt, part } from '../parts.js'
import { inRange } from '../values.js'
import { type IcmpNames, type IcmpTest, icmpText, readIcmp } from './icmp-types.js'

const ANY = 255
/** Type names of -m icmp; ipset uses them too. */
export const ICMP_NAMES: IcmpNames = [
  ['any', ANY],
  ['echo-reply', 0],
  ['pong', 0],
  ['destination-unreachable', 3],
  ['network-unreachable', 3, 0],
  ['host-unreachable', 3, 1],
  ['protocol-unreachable', 3, 2],
  ['port-unreachable', 3, 3],
  ['fragmentation-needed', 3, 4],
  ['source-route-failed', 3, 5],
  ['network-unknown', 3, 6],
  ['host-unknown', 3, 7],
  ['network-prohibited', 3, 9],
  ['host-prohibited', 3, 10],
  ['tos-network-unreachable', 3, 11],
  ['tos-host-unreachable', 3, 12],
  ['communication-prohibited', 3, 13],
  ['host-precedence-violation', 3, 14],
  ['precedence-cutoff', 3, 15],
  ['source-quench', 4],
  ['redirect', 5],
  ['network-redirect', 5, 0],
  ['host-redirect', 5, 1],
  ['tos-network-redirect', 5, 2],
  ['tos-host-redirect', 5, 3],
  ['echo-request', 8],
  ['ping', 8],
  ['router-advertisement', 9],
  ['router-solicitation', 10],
  ['time-exceeded', 11],
  ['ttl-exceeded', 11],
  ['ttl-zero-during-transit', 11, 0],
  ['ttl-zero-during-reassembly', 11, 1],
  ['parameter-problem', 12],
  ['ip-header-bad', 12, 0],
  ['required-option-missing', 12, 1],
  ['timestamp-request', 13],
  ['timestamp-reply', 14],
  ['address-mask-request', 17],
  ['address-mask-reply', 18],
]
const isAny = (t: IcmpTest): boolean => t.type === ANY

const options = {
  type: option<IcmpTest>({
    flags: ['--icmp-type'],
    words: 1,
    negatable: true,
    required: true,
    read: ([word]) => readIcmp(word!, ICMP_NAMES, 'ICMP'),
    print: t => [isAny(t) ? 'any' : icmpText(t)],
  }),
} as const

export const icmp = defineMatch({
  name: 'icmp',
  summary: 'type and code of an ICMP message',
  doc: 'Type 255 (`any`) fits every message. Names may be shortened as long as they stay clear.',
  kernel: 'net/ipv4/netfilter/ip_tables.c icmp_match(), net/netfilter/xt_tcpudp.c icmp_match()',
  family: 'ipv4',
  protos: [PROTO.icmp],
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { type }) => {
    if (!type) return []
    const { icmp: seen } = packet
    if (!seen || !hasTransport(packet)) return [part(false, false, () => 'no ICMP header can be seen')]
    const { value, not } = type
    const raw = value.type === ANY || (seen.type === value.type && inRange(seen.code, value.code))
    return [
      part(
        raw,
        not,
        () => `ICMP type ${seen.type}/${seen.code} is ${isnt(raw)}${isAny(value) ? 'any' : icmpText(value)}`,
      ),
    ]
  }),
})
