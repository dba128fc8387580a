import type { ExtensionHeader, Packet } from '../../src/model/packet.js'
import { formatIp, type Ip } from '../../src/values/ip.js'
import type { Mac } from '../../src/values/mac.js'
import { quotesPacket } from '../../src/skb/icmp-names.js'
import { PROTO } from '../../src/values/proto.js'
import { IPCOMP } from './frame.js'

/** The packet in an Ethernet frame; undefined: it is not IP, or of the kernel's own housekeeping. */
export function readFrame(bytes: Buffer): Packet | undefined {
  const type = bytes.readUInt16BE(12)
  if (type !== 0x0800 && type !== 0x86dd) return undefined
  const mac = (at: number) =>
    [...bytes.subarray(at, at + 6)].map(b => b.toString(16).padStart(2, '0')).join(':') as Mac
  const packet = readIp(bytes.subarray(14))
  return packet && { ...packet, eth: { dst: mac(0), src: mac(6) } }
}

/** Neighbours and groups: what a device says by itself. */
export const isHousekeeping = ({ proto, icmp }: Packet): boolean =>
  proto === PROTO.icmpv6 && icmp !== undefined && icmp.type >= 130 && icmp.type <= 143

const ip4 = (bytes: Buffer, at: number): Ip => formatIp([bytes.readUInt32BE(at)])
const ip6 = (bytes: Buffer, at: number): Ip => formatIp([0, 4, 8, 12].map(i => bytes.readUInt32BE(at + i)))

function readIp(bytes: Buffer): Packet | undefined {
  if (bytes.length < 20) return undefined
  if (bytes[0]! >> 4 === 6) return readIp6(bytes)
  const fragment = bytes.readUInt16BE(6)
  const whole = bytes.subarray(0, Math.max(20, bytes.readUInt16BE(2)))
  const base = {
    family: 'ipv4',
    src: ip4(bytes, 12),
    dst: ip4(bytes, 16),
    proto: bytes[9]!,
    ttl: bytes[8]!,
    tos: bytes[1]!,
    id: bytes.readUInt16BE(4),
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffset: (fragment & 0x1fff) * 8,
  } as const
  return { ...base, ...readTransport(base.proto, whole.subarray((bytes[0]! & 15) * 4), base.fragmentOffset) }
}

function readIp6(bytes: Buffer): Packet | undefined {
  if (bytes.length < 40) return undefined
  const headers: ExtensionHeader[] = []
  let [next, at] = [bytes[6]!, 40]
  let fragment = { id: 0, moreFragments: false, fragmentOffset: 0 }
  while ([0, 43, 44, 51, 60].includes(next) && at + 8 <= bytes.length) {
    const length = next === 44 ? 8 : next === 51 ? (bytes[at + 1]! + 2) * 4 : (bytes[at + 1]! + 1) * 8
    if (next === 44) {
      const word = bytes.readUInt16BE(at + 2)
      fragment = {
        id: bytes.readUInt32BE(at + 4),
        moreFragments: (word & 1) !== 0,
        fragmentOffset: word & ~7,
      }
    } else headers.push(readExtension(next, bytes.subarray(at, at + length)))
    next = bytes[at]!
    at += length
  }
  const whole = bytes.subarray(at, 40 + bytes.readUInt16BE(4))
  return {
    family: 'ipv6',
    src: ip6(bytes, 8),
    dst: ip6(bytes, 24),
    proto: next,
    ttl: bytes[7]!,
    tos: ((bytes[0]! & 15) << 4) | (bytes[1]! >> 4),
    dontFragment: false,
    ...fragment,
    ...(headers.length > 0 && { headers }),
    ...readTransport(next, whole, fragment.fragmentOffset),
  }
}

function readExtension(kind: number, bytes: Buffer): ExtensionHeader {
  if (kind === 51) return { kind: 'ah', spi: bytes.readUInt32BE(4) }
  if (kind === 43) {
    const count = (bytes.length - 8) / 16
    const addresses = Array.from({ length: count }, (_, i) => ip6(bytes, 8 + 16 * i))
    return { kind: 'rt', type: bytes[2]!, segmentsLeft: bytes[3]!, addresses }
  }
  const options: { type: number; length: number }[] = []
  for (let at = 2; at < bytes.length; ) {
    const type = bytes[at]!
    const length = bytes[at + 1] ?? 0
    if (type > 1) options.push({ type, length })
    at += type === 0 ? 1 : 2 + length
  }
  return { kind: kind === 0 ? 'hbh' : 'dst', options }
}

/** What the protocol has of its own; an error's quotation may be cut short anywhere. */
function readTransport(proto: number, bytes: Buffer, offset: number): Partial<Packet> & { payload: number } {
  const data = (from: number) => {
    const rest = bytes.subarray(Math.min(from, bytes.length))
    return { payload: rest.length, data: rest.toString('latin1') }
  }
  if (offset > 0 || bytes.length < 4) return data(0)
  const ports = { sport: bytes.readUInt16BE(0), dport: bytes.readUInt16BE(2) }
  switch (proto) {
    case PROTO.tcp: {
      if (bytes.length < 20) return { ...ports, payload: 0 }
      const header = (bytes[12]! >> 4) * 4
      return { ...ports, tcpFlags: bytes[13]!, ...tcpOptions(bytes.subarray(20, header)), ...data(header) }
    }
    case PROTO.udp:
    case PROTO.udplite:
      return { ...ports, ...data(8) }
    case PROTO.icmp:
    case PROTO.icmpv6: {
      const [type, code] = [bytes[0]!, bytes[1]!]
      const v6 = proto === PROTO.icmpv6
      if (!quotesPacket(v6 ? 'ipv6' : 'ipv4', type))
        return { icmp: { type, code, id: bytes.length < 6 ? 0 : bytes.readUInt16BE(4) }, ...data(8) }
      const inner = readIp(bytes.subarray(8))
      const mtu = v6
        ? type === 2
          ? bytes.readUInt32BE(4)
          : undefined
        : type === 3 && code === 4
          ? bytes.readUInt16BE(6)
          : undefined
      return { icmp: { type, code, ...(mtu !== undefined && { mtu }) }, payload: 0, ...(inner && { inner }) }
    }
    case PROTO.sctp: {
      const sctpChunks: { type: number; flags: number }[] = []
      for (
        let at = 12;
        at + 4 <= bytes.length;
        at += Math.max(4, Math.ceil(bytes.readUInt16BE(at + 2) / 4) * 4)
      )
        sctpChunks.push({ type: bytes[at]!, flags: bytes[at + 1]! })
      return { ...ports, sctpChunks, payload: Math.max(0, bytes.length - 12) }
    }
    case PROTO.dccp:
      return {
        ...ports,
        ...(bytes.length > 8 && { dccp: { type: (bytes[8]! >> 1) & 15, options: [] } }),
        payload: 0,
      }
    case PROTO.esp:
      return { spi: bytes.readUInt32BE(0), ...data(8) }
    case PROTO.ah:
      return bytes.length < 8 ? data(0) : { spi: bytes.readUInt32BE(4), ...data(24) }
    case IPCOMP:
      return { spi: bytes.readUInt16BE(2), ...data(4) }
    case PROTO.mh:
      return { mhType: bytes[2]!, payload: 0 }
    default:
      return data(0)
  }
}

function tcpOptions(bytes: Buffer): Pick<Packet, 'tcpOptions' | 'mss'> {
  const kinds: number[] = []
  let mss: number | undefined
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const kind = bytes[at]!
    kinds.push(kind)
    if (kind === 2) mss = bytes.readUInt16BE(at + 2)
    at += kind === 1 ? 1 : Math.max(2, bytes[at + 1]!)
  }
  return { tcpOptions: kinds, ...(mss !== undefined && { mss }) }
}
