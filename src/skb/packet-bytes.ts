import { ND, type Packet } from '../model/packet.js'
import type { Mac } from '../values/mac.js'
import { ipBits } from '../values/ip.js'
import { isIcmp, PROTO } from '../values/proto.js'
import { packetLength } from './packet-summary.js'

/** Bytes of a packet from its IP header on; undefined where a simulation does not know them (checksums, sequence numbers). */
export interface PacketBytes {
  readonly bytes: readonly (number | undefined)[]
  /** Is there data at an offset? What is unknown there may be anything, unlike a header's field that is made up by chance. */
  isData(at: number): boolean
}

type Bytes = (number | undefined)[]

/** Longest data that is laid out; a packet holds no more. */
const MOST = 65_535

/** The packet as it would stand in memory, as far as it is told. */
export function packetBytes(packet: Packet): PacketBytes {
  const whole = Math.min(packetLength(packet), MOST)
  const ip = packet.family === 'ipv4' ? ipv4Header(packet, whole) : ipv6Header(packet, whole)
  const headers = [...ip, ...(packet.fragmentOffset > 0 ? [] : transportHeader(packet))]
  if (packet.inner && packet.fragmentOffset === 0) {
    const begin = packet.vni === undefined ? headers : [...headers, ...frameHeader(packet.vni, packet.inner)]
    const inner = packetBytes(packet.inner)
    return {
      bytes: [...begin, ...inner.bytes].slice(0, whole),
      isData: at => at >= begin.length && inner.isData(at - begin.length),
    }
  }
  // TCP's options, and whatever else is not laid out here
  const dataAt = Math.max(headers.length, whole - packet.payload)
  while (headers.length < dataAt) headers.push(undefined)
  const { data } = packet
  for (let i = headers.length; i < whole; i++)
    headers.push(data?.charCodeAt(i - dataAt) || (data ? 0 : undefined))
  return { bytes: headers, isData: at => at >= dataAt }
}

const words16 = (...values: (number | undefined)[]): Bytes =>
  values.flatMap(v => (v === undefined ? [undefined, undefined] : [(v >>> 8) & 0xff, v & 0xff]))
const address = (text: Packet['src']): Bytes =>
  [...ipBits(text)].flatMap(word => [
    (word >>> 24) & 0xff,
    (word >>> 16) & 0xff,
    (word >>> 8) & 0xff,
    word & 0xff,
  ])

/** RFC 791, without options. */
function ipv4Header(p: Packet, whole: number): Bytes {
  const fragment = (p.dontFragment ? 0x4000 : 0) | (p.moreFragments ? 0x2000 : 0) | (p.fragmentOffset >> 3)
  const head = [
    ...[0x45, p.tos & 0xff],
    ...words16(whole, p.id, fragment),
    ...[p.ttl & 0xff, p.proto & 0xff, 0, 0],
    ...address(p.src),
    ...address(p.dst),
  ]
  const sum = checksum(head as number[])
  head[10] = sum >>> 8
  head[11] = sum & 0xff
  return head
}

/** RFC 1071: the complement of the sum in ones' complement. */
function checksum(bytes: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** RFC 8200; the flow label is the sender's secret. */
const ipv6Header = (p: Packet, whole: number): Bytes => [
  ...[0x60 | (p.tos >>> 4), undefined, undefined, undefined],
  ...words16(whole - 40),
  ...[p.proto & 0xff, p.ttl & 0xff],
  ...address(p.src),
  ...address(p.dst),
]

/** RFC 4861, 4.3 and 4.4: the target, and an option with the sender's own MAC address. An advertisement's flags are not told. */
const discovery = (type: number, target: Packet['src'], lladdr?: Mac): Bytes => [
  ...[type, 0, undefined, undefined],
  ...(type === ND.solicitation ? [0, 0, 0, 0] : [undefined, 0, 0, 0]),
  ...address(target),
  ...[type === ND.solicitation ? 1 : 2, 1, ...hexOf(lladdr)],
]

/** The second word of an ICMP error: a gateway, what fits (16 bits of it in IPv4), or nothing. */
function about({ family, icmp }: Packet): Bytes {
  if (icmp?.gateway !== undefined && family === 'ipv4') return address(icmp.gateway)
  return words16(
    ...(family === 'ipv4' ? [0, icmp?.mtu ?? 0] : [(icmp?.mtu ?? 0) >>> 16, (icmp?.mtu ?? 0) & 0xffff]),
  )
}

/** RFC 7348, 5: the header of VXLAN, and that of the frame. */
const frameHeader = (vni: number, { family, eth }: Packet): Bytes => [
  ...[8, 0, 0, 0, ...words16(vni >>> 8), vni & 0xff, 0],
  ...hexOf(eth?.dst),
  ...hexOf(eth?.src),
  ...words16(family === 'ipv4' ? 0x0800 : 0x86dd),
]
const hexOf = (mac: Mac | undefined): Bytes =>
  mac === undefined ? Array<undefined>(6) : mac.split(':').map(byte => Number.parseInt(byte, 16))

function transportHeader(p: Packet): Bytes {
  if (p.icmp?.target !== undefined) return discovery(p.icmp.type, p.icmp.target, p.icmp.lladdr)
  if (p.icmp && isIcmp(p.proto))
    return [
      p.icmp.type,
      p.icmp.code,
      undefined,
      undefined,
      ...(p.inner ? about(p) : [...words16(p.icmp.id), undefined, undefined]),
    ]
  const ports = words16(p.sport, p.dport)
  if (p.proto === PROTO.udp) return [...ports, ...words16(8 + p.payload, undefined)]
  if (p.proto !== PROTO.tcp) return p.sport === undefined ? [] : ports
  const flags = p.tcpFlags ?? 0
  const headerWords = (packetLength({ ...p, payload: 0 }) - (p.family === 'ipv4' ? 20 : 40)) / 4
  // sequence numbers and window are made up by each side
  return [
    ...ports,
    ...Array<undefined>(8).fill(undefined),
    headerWords << 4,
    flags & 0xff,
    ...Array<undefined>(6),
  ]
}
