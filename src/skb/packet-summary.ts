import { type Packet, TCP } from '../model/packet.js'
import type { Ip } from '../values/ip.js'
import { isIcmp, PROTO, protoLabel } from '../values/proto.js'
import { icmpName } from './icmp-names.js'

/** A packet in a packet in a packet: deeper ones are not spelled out. */
const DEEPEST = 4

/**
 * A packet in one line, for traces: `tcp 10.244.1.5:40000 > 10.96.0.10:80 SYN`,
 * `icmp 10.0.0.1 > 10.0.0.2 port-unreachable (udp 10.0.0.2:41000 > 10.0.0.9:53)`.
 */
export const packetSummary = (packet: Packet): string => summary(packet, 0)

function summary(p: Packet, depth: number): string {
  const later = p.fragmentOffset > 0
  const ports = !later && p.sport !== undefined && p.dport !== undefined
  const ends = ports ? `${endpoint(p.src, p.sport!)} > ${endpoint(p.dst, p.dport!)}` : `${p.src} > ${p.dst}`
  const what = p.proto === PROTO.ipip ? 'ipip' : protoLabel(p.proto)
  return `${what} ${ends}${later ? '' : details(p, depth)}${fragment(p)}`
}

function details(p: Packet, depth: number): string {
  const inner = p.inner && (depth >= DEEPEST ? '…' : summary(p.inner, depth + 1))
  if (p.vni !== undefined) return ` vxlan ${p.vni}${inner ? ` [${inner}]` : ''}`
  if (p.icmp && isIcmp(p.proto)) {
    const name = icmpName(p.family, p.icmp.type, p.icmp.code)
    const id = p.icmp.id === undefined ? '' : ` id ${p.icmp.id}`
    return ` ${name}${id}${inner ? ` (${inner})` : ''}`
  }
  if (inner) return ` [${inner}]`
  if (p.tcpFlags === undefined) return ''
  const flags = tcpFlagNames(p.tcpFlags)
  return ` ${flags}${p.payload > 0 ? ` ${p.payload} bytes` : ''}`
}

const fragment = (p: Packet): string =>
  p.fragmentOffset > 0 ? ` fragment at ${p.fragmentOffset}` : p.moreFragments ? ' first fragment' : ''

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export const endpoint = (address: Ip, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** In the order in which people say them: `SYN,ACK`, `FIN,ACK`, `PSH,ACK`. */
const SPOKEN = ['SYN', 'FIN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'] as const
export const tcpFlagNames = (flags: number): string =>
  SPOKEN.filter(name => (flags & TCP[name]) !== 0).join(',') || 'no flags'

/** net/ipv4/icmp.c __icmp_send() keeps an error within 576 bytes, net/ipv6/icmp.c icmp6_send() within 1280. */
const LARGEST_ERROR = { ipv4: 576, ipv6: 1280 } as const
/** VXLAN carries a frame: its own header and the Ethernet one. */
const VXLAN_HEADERS = 8 + 14

/** Length of the whole packet in bytes, IP header included, as Linux makes such packets. */
export const packetLength = (packet: Packet): number => length(packet, 0)

function length(p: Packet, depth: number): number {
  const ip = p.family === 'ipv4' ? 20 : 40
  // the fragment header of IPv6 is one of its own
  const fragmented = p.family === 'ipv6' && (p.fragmentOffset > 0 || p.moreFragments) ? 8 : 0
  if (p.fragmentOffset > 0) return ip + fragmented + p.payload
  const transport = transportHeader(p)
  if (!p.inner || depth >= DEEPEST) return ip + fragmented + transport + p.payload
  const inner = length(p.inner, depth + 1)
  if (p.vni !== undefined) return ip + fragmented + transport + VXLAN_HEADERS + inner
  if (p.icmp) return Math.min(ip + transport + inner, LARGEST_ERROR[p.family])
  return ip + fragmented + transport + inner
}

/** TCP: a SYN carries 20 bytes of options, later segments timestamps; a RST none (tcp_v4_send_reset()). */
function transportHeader(p: Packet): number {
  switch (p.proto) {
    case PROTO.tcp: {
      const flags = p.tcpFlags ?? 0
      return flags & TCP.SYN ? 40 : flags & TCP.RST ? 20 : 32
    }
    case PROTO.udp:
    case PROTO.udplite:
    case PROTO.icmp:
    case PROTO.icmpv6:
      return 8
    case PROTO.sctp:
      return 12
    case PROTO.dccp:
      return 16
    default:
      return 0
  }
}
