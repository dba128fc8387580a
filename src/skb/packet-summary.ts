import { type ExtensionHeader, type Packet, TCP } from '../model/packet.js'
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
    const target = p.icmp.target === undefined ? '' : ` for ${p.icmp.target}`
    return ` ${name}${id}${target}${inner ? ` (${inner})` : ''}`
  }
  if (inner) return ` [${inner}]`
  if (p.tcpFlags === undefined) return ''
  const flags = tcpFlagNames(p.tcpFlags)
  return ` ${flags}${p.payload > 0 ? ` ${p.payload} bytes` : ''}${tellsOfDuplicate(p) ? ' SACK' : ''}`
}

/** A block of SACK (option 5): here nothing else than data that came twice makes one. */
export const tellsOfDuplicate = ({ tcpOptions }: Packet): boolean => tcpOptions?.includes(5) === true

const fragment = (p: Packet): string =>
  p.fragmentOffset > 0 ? ` fragment at ${p.fragmentOffset}` : p.moreFragments ? ' first fragment' : ''

/** A piece of a packet that was cut, the first or a later one. */
export const isFragment = (p: Packet): boolean => p.fragmentOffset > 0 || p.moreFragments

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
  const extensions = p.headers?.reduce((sum, h) => sum + extensionLength(h), 0) ?? 0
  const ip = (p.family === 'ipv4' ? 20 : 40) + extensions
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

/** Bytes of a TCP option, its kind and length included; others carry no data here. */
const TCP_OPTION_LENGTH: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 4, 3: 3, 5: 10, 8: 10 }
export const tcpOptionLength = (kind: number): number => TCP_OPTION_LENGTH[kind] ?? 2

/** Where options are not told: a SYN carries 20 bytes of them, later segments timestamps; a RST none (tcp_v4_send_reset()). */
function tcpHeader({ tcpFlags = 0, tcpOptions }: Packet): number {
  if (!tcpOptions) return tcpFlags & TCP.SYN ? 40 : tcpFlags & TCP.RST ? 20 : 32
  const bytes = tcpOptions.reduce((sum, kind) => sum + tcpOptionLength(kind), 0)
  return 20 + Math.ceil(bytes / 4) * 4
}

/** RFC 8200: all of them come in units of eight bytes; AH in units of four. */
export function extensionLength(header: ExtensionHeader): number {
  switch (header.kind) {
    case 'hbh':
    case 'dst':
      return Math.ceil((2 + header.options.reduce((sum, o) => sum + 2 + o.length, 0)) / 8) * 8
    case 'rt':
      return 8 + 16 * header.addresses.length
    case 'ah':
      return AH_LENGTH
  }
}
/** An authentication header with an ICV of 96 bits, the usual one. */
const AH_LENGTH = 24

function transportHeader(p: Packet): number {
  switch (p.proto) {
    case PROTO.tcp:
      return tcpHeader(p)
    case PROTO.udp:
    case PROTO.udplite:
    case PROTO.icmp:
    case PROTO.icmpv6:
      return 8
    case PROTO.sctp:
      return 12
    case PROTO.dccp:
      return 16
    case PROTO.esp:
      return 8
    case PROTO.ah:
      return AH_LENGTH
    default:
      return 0
  }
}
