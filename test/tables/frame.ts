import { type ExtensionHeader, type Packet, TCP } from '../../src/model/packet.js'
import { extensionLength, tcpOptionLength } from '../../src/skb/packet-summary.js'
import { ipBits, type Ip } from '../../src/values/ip.js'
import { isIcmp, PROTO } from '../../src/values/proto.js'
import { crc32c, internetChecksum } from './checksums.js'

type Bytes = number[]
const u16 = (n: number): Bytes => [(n >>> 8) & 0xff, n & 0xff]
const u32 = (n: number): Bytes => [...u16(n >>> 16), ...u16(n & 0xffff)]
const address = (a: Ip): Bytes => [...ipBits(a)].flatMap(u32)
const macBytes = (mac: string): Bytes => mac.split(':').map(b => Number.parseInt(b, 16))
const zeros = (n: number): Bytes => Array<number>(n).fill(0)

/** Number of each extension header in the field that announces it. */
const NEXT = { hbh: 0, dst: 60, rt: 43, ah: 51, frag: 44 } as const

/** The Ethernet frame of a packet, as bytes: what a raw socket sends. */
export function frameOf(packet: Packet): Buffer {
  const { eth } = packet
  if (!eth) throw new Error('a frame needs MAC addresses')
  return Buffer.from([
    ...macBytes(eth.dst),
    ...macBytes(eth.src),
    ...u16(packet.family === 'ipv4' ? 0x0800 : 0x86dd),
    ...ipPacket(packet),
  ])
}

function ipPacket(p: Packet): Bytes {
  const payload = p.fragmentOffset > 0 ? dataOf(p) : withChecksum(p, transport(p))
  return p.family === 'ipv4' ? [...ipv4Header(p, payload.length), ...payload] : ipv6(p, payload)
}

/** Its data as told, filled up with zeros. */
const dataOf = (p: Packet): Bytes => Array.from({ length: p.payload }, (_, i) => p.data?.charCodeAt(i) ?? 0)

function ipv4Header(p: Packet, length: number): Bytes {
  const fragment = (p.dontFragment ? 0x4000 : 0) | (p.moreFragments ? 0x2000 : 0) | (p.fragmentOffset >> 3)
  const head = [
    ...[0x45, p.tos, ...u16(20 + length), ...u16(p.id), ...u16(fragment)],
    ...[p.ttl, p.proto, 0, 0, ...address(p.src), ...address(p.dst)],
  ]
  const sum = internetChecksum(Uint8Array.from(head))
  return [...head.slice(0, 10), ...u16(sum), ...head.slice(12)]
}

function ipv6(p: Packet, payload: Bytes): Bytes {
  const fragmented = p.fragmentOffset > 0 || p.moreFragments
  const kinds = [...(p.headers ?? []).map(h => NEXT[h.kind]), ...(fragmented ? [NEXT.frag] : []), p.proto]
  const extensions = (p.headers ?? []).flatMap((h, i) => extension(h, kinds[i + 1]!))
  if (fragmented)
    extensions.push(p.proto, 0, ...u16((p.fragmentOffset & ~7) | (p.moreFragments ? 1 : 0)), ...u32(p.id))
  return [
    ...[0x60 | (p.tos >>> 4), (p.tos & 15) << 4, 0, 0, ...u16(extensions.length + payload.length)],
    ...[kinds[0]!, p.ttl, ...address(p.src), ...address(p.dst)],
    ...extensions,
    ...payload,
  ]
}

function extension(h: ExtensionHeader, next: number): Bytes {
  const length = extensionLength(h)
  switch (h.kind) {
    case 'hbh':
    case 'dst': {
      const options = h.options.flatMap(o => [o.type, o.length, ...zeros(o.length)])
      const pad = length - 2 - options.length
      return [
        next,
        length / 8 - 1,
        ...options,
        ...(pad === 1 ? [0] : pad > 1 ? [1, pad - 2, ...zeros(pad - 2)] : []),
      ]
    }
    case 'rt': {
      const fixed = h.type === 4 ? [h.addresses.length - 1, 0, 0, 0] : [0, 0, 0, 0]
      return [next, length / 8 - 1, h.type, h.segmentsLeft, ...fixed, ...h.addresses.flatMap(address)]
    }
    case 'ah':
      return [next, length / 4 - 2, 0, 0, ...u32(h.spi), ...u32(1), ...zeros(length - 12)]
  }
}

/** Everything behind the IP header, its checksum still 0. */
function transport(p: Packet): Bytes {
  const ports = [...u16(p.sport ?? 0), ...u16(p.dport ?? 0)]
  const data = dataOf(p)
  switch (p.proto) {
    case PROTO.tcp: {
      const options = (p.tcpOptions ?? []).flatMap(kind => tcpOption(kind, p.mss))
      while (options.length % 4) options.push(0)
      const flags = p.tcpFlags ?? 0
      const urgent = flags & TCP.URG ? 1 : 0
      const offset = (20 + options.length) / 4
      return [
        ...[...ports, ...u32(1), ...u32(flags & TCP.ACK ? 1 : 0), offset << 4, flags],
        ...[...u16(64240), 0, 0, ...u16(urgent), ...options, ...data],
      ]
    }
    case PROTO.udp:
    case PROTO.udplite:
      return [...ports, ...u16(p.proto === PROTO.udp ? 8 + data.length : 0), 0, 0, ...data]
    case PROTO.icmp:
    case PROTO.icmpv6: {
      const { type, code, id = 0, mtu } = p.icmp!
      const second = mtu !== undefined ? u32(mtu) : p.inner ? u32(0) : [...u16(id), ...u16(1)]
      return [type, code, 0, 0, ...second, ...(p.inner ? ipPacket(p.inner) : data)]
    }
    case PROTO.sctp:
      return [...ports, ...u32(0), 0, 0, 0, 0, ...(p.sctpChunks ?? []).flatMap(chunk)]
    case PROTO.dccp: {
      const { type = 0, options = [] } = p.dccp ?? {}
      const listed = options.flatMap(o => (o < 32 ? [o] : [o, 2]))
      while (listed.length % 4) listed.push(0)
      const own = zeros(DCCP_OWN[type] ?? 12)
      return [
        ...ports,
        (12 + own.length + listed.length) / 4,
        0,
        0,
        0,
        type << 1,
        0,
        ...u16(1),
        ...own,
        ...listed,
      ]
    }
    case PROTO.esp:
      return [...u32(p.spi ?? 0), ...u32(1), ...data]
    case PROTO.ah:
      return [59, 4, 0, 0, ...u32(p.spi ?? 0), ...u32(1), ...zeros(12), ...data]
    case PROTO.mh:
      return [59, 0, p.mhType ?? 0, 0, 0, 0, 0, 0]
    case IPCOMP:
      return [59, 0, ...u16(p.spi ?? 0), ...data]
    default:
      return data
  }
}
/** RFC 4340: bytes that a type has of its own: a service code, what is acknowledged; others as a reset. */
const DCCP_OWN: readonly number[] = [4, 12, 0, 8, 8, 8, 8, 12, 8, 8]
export const IPCOMP = 108

const tcpOption = (kind: number, mss = 1460): Bytes => {
  const length = tcpOptionLength(kind)
  if (length === 1) return [kind]
  return [kind, length, ...(kind === 2 ? u16(mss) : kind === 3 ? [7] : zeros(length - 2))]
}

/** Chunks with the least body that they may have: an INIT that counts, sixteen bytes for the rest. */
function chunk({ type, flags = 0 }: { readonly type: number; readonly flags?: number }): Bytes {
  const body =
    type === 1 || type === 2 ? [...u32(1), ...u32(65536), ...u16(1), ...u16(1), ...u32(1)] : zeros(SCTP_BODY)
  return [type, flags, ...u16(4 + body.length), ...body]
}
export const SCTP_BODY = 16

/** Puts the checksum where the protocol has it. */
function withChecksum(p: Packet, bytes: Bytes): Bytes {
  if (p.proto === PROTO.sctp) return patch(bytes, 8, u32(crc32c(Uint8Array.from(bytes))))
  const at = {
    [PROTO.tcp]: 16,
    [PROTO.udp]: 6,
    [PROTO.udplite]: 6,
    [PROTO.icmp]: 2,
    [PROTO.icmpv6]: 2,
    [PROTO.dccp]: 6,
    [PROTO.mh]: 4,
  }[p.proto]
  // of a first fragment it would be over what comes behind, too; nobody looks before it is whole
  if (at === undefined || p.moreFragments) return bytes
  const pseudo = isIcmp(p.proto) && p.family === 'ipv4' ? [] : pseudoHeader(p, bytes.length)
  return patch(bytes, at, u16(internetChecksum(Uint8Array.from([...pseudo, ...bytes])) || 0xffff))
}
const pseudoHeader = (p: Packet, length: number): Bytes => [
  ...address(p.src),
  ...address(finalDestination(p)),
  ...(p.family === 'ipv4' ? [0, p.proto, ...u16(length)] : [...u32(length), 0, 0, 0, p.proto]),
]
/** With a routing header that is not used up, the sum is over the last address of it. */
const finalDestination = (p: Packet): Ip => {
  const route = p.headers?.find(h => h.kind === 'rt')
  if (!route || route.segmentsLeft === 0) return p.dst
  return (route.type === 4 ? route.addresses[0] : route.addresses.at(-1)) ?? p.dst
}
const patch = (bytes: Bytes, at: number, by: Bytes): Bytes => [
  ...bytes.slice(0, at),
  ...by,
  ...bytes.slice(at + by.length),
]
