import { ND, type Packet } from '../model/packet.js'
import { formatIp, type Ip } from '../values/ip.js'
import type { Mac } from '../values/mac.js'
import { hasPorts, isIcmp, PROTO } from '../values/proto.js'
import { quotesPacket } from '../skb/icmp-names.js'

/** <linux/if_ether.h>, <linux/if_arp.h> */
const ETH_P = { ip: 0x0800, ipv6: 0x86dd, vlan: 0x8100 } as const
const WITH_ETHERNET: readonly number[] = [1, 772]

/**
 * A frame as a packet socket hands it over, in nfsim's own words; undefined: neither IPv4 nor IPv6, cut short, or a later
 * fragment. Whatever nobody can foretell (ids, checksums, sequence numbers) is left out.
 * @param link ARPHRD_… of the device
 * @param vlan of a tag that the kernel has taken off the frame
 */
export function readFrame(bytes: Uint8Array, link: number, vlan?: number): Packet | undefined {
  return WITH_ETHERNET.includes(link) ? ethernet(bytes, vlan) : readPacket(bytes)
}

/**
 * Nothing of routers, no group membership (RFC 4861, 2710, 3810), also not inside a tunnel: nobody asked for these. And no
 * redirects of IPv6: how many were sent before is no part of a flow.
 */
export function isTalk(p: Packet): boolean {
  if (p.vni !== undefined) return p.inner !== undefined && isTalk(p.inner)
  if (p.proto === PROTO.igmp) return false
  const { type = 0 } = p.icmp ?? {}
  return !(p.proto === PROTO.icmpv6 && ((type >= 130 && type <= 134) || type === 137 || type === 143))
}

const u16 = (b: Uint8Array, at: number): number => ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0)
const u32 = (b: Uint8Array, at: number): number => u16(b, at) * 65536 + u16(b, at + 2)
const macAt = (b: Uint8Array, at: number): Mac =>
  [...b.subarray(at, at + 6)].map(byte => byte.toString(16).padStart(2, '0')).join(':') as Mac
const ipAt = (b: Uint8Array, at: number, words: 1 | 4): Ip =>
  formatIp(Array.from({ length: words }, (_, i) => u32(b, at + 4 * i)))

/** Loopback's frames are from nobody to nobody. */
const NOBODY = '00:00:00:00:00:00'

function ethernet(b: Uint8Array, outer: number | undefined): Packet | undefined {
  if (b.length < 14) return undefined
  const tagged = u16(b, 12) === ETH_P.vlan
  const vlan = outer ?? (tagged ? u16(b, 14) & 0xfff : undefined)
  const at = tagged ? 18 : 14
  const type = u16(b, at - 2)
  if (type !== ETH_P.ip && type !== ETH_P.ipv6) return undefined
  const packet = readPacket(b.subarray(at))
  const eth = { src: macAt(b, 6), dst: macAt(b, 0), ...(vlan === undefined ? {} : { vlan }) }
  return packet && (eth.dst === NOBODY && eth.src === NOBODY ? packet : { ...packet, eth })
}

/** The same without Ethernet. */
export function readPacket(b: Uint8Array): Packet | undefined {
  const version = (b[0] ?? 0) >> 4
  return version === 4 && b.length >= 20 ? ipv4(b) : version === 6 && b.length >= 40 ? ipv6(b) : undefined
}

const PLAIN = { id: 0, dontFragment: false, moreFragments: false, fragmentOffset: 0 } as const

/** RFC 791. */
function ipv4(b: Uint8Array): Packet | undefined {
  const head = (b[0]! & 0x0f) * 4
  const fragment = u16(b, 6)
  if ((fragment & 0x1fff) !== 0) return undefined
  const above = transport(b.subarray(head), 'ipv4', b[9]!, u16(b, 2) - head)
  return (
    above && {
      ...PLAIN,
      family: 'ipv4',
      src: ipAt(b, 12, 1),
      dst: ipAt(b, 16, 1),
      proto: b[9]!,
      ttl: b[8]!,
      tos: b[1]!,
      dontFragment: (fragment & 0x4000) !== 0,
      moreFragments: (fragment & 0x2000) !== 0,
      ...above,
    }
  )
}

/** RFC 8200. Of extension headers Linux sends two without being asked: hop-by-hop options (with MLD), and the fragment. */
function ipv6(b: Uint8Array): Packet | undefined {
  let proto = b[6]!
  let at = 40
  if (proto === NEXT.hopByHop) {
    proto = b[at]!
    at += 8 * (b[at + 1]! + 1)
  }
  const fragment = proto === NEXT.fragment ? u16(b, at + 2) : 0
  if ((fragment & 0xfff8) !== 0) return undefined
  if (proto === NEXT.fragment) {
    proto = b[at]!
    at += 8
  }
  const above = transport(b.subarray(at), 'ipv6', proto, u16(b, 4) + 40 - at)
  return (
    above && {
      ...PLAIN,
      family: 'ipv6',
      src: ipAt(b, 8, 4),
      dst: ipAt(b, 24, 4),
      proto,
      ttl: b[7]!,
      tos: (u16(b, 0) >> 4) & 0xff,
      moreFragments: (fragment & 1) !== 0,
      ...above,
    }
  )
}

/** IPv6 extension headers, by number. */
const NEXT = { hopByHop: 0, fragment: 44 } as const

type Transport = Pick<Packet, 'payload'> & Partial<Packet>

/**
 * @param length of this header and its data, as the IP header tells it
 * @returns undefined for an error about a later fragment, which is followed no more than that one
 */
function transport(
  b: Uint8Array,
  family: Packet['family'],
  proto: number,
  length: number,
): Transport | undefined {
  if (isIcmp(proto)) return icmp(b, family, length)
  if (proto === PROTO.ipip || proto === PROTO.ipv6) return withInner(readPacket(b), 0)
  if (!hasPorts(proto)) return { payload: length }
  const ports = { sport: u16(b, 0), dport: u16(b, 2) }
  if (proto === PROTO.tcp) return { ...ports, ...tcp(b, length) }
  if (proto === PROTO.sctp) return { ...ports, ...sctp(b, length) }
  if (proto !== PROTO.udp) return { ...ports, payload: length }
  return { ...ports, ...(vxlan(b.subarray(8)) ?? { payload: u16(b, 4) - 8 }) }
}

const withInner = (inner: Packet | undefined, payload: number): Transport =>
  inner ? { inner, payload } : { payload }

/** RFC 9293. In an error that quotes no more than ports there are no flags to tell. */
function tcp(b: Uint8Array, length: number): Transport {
  if (b.length < 14) return { payload: 0 }
  const head = (b[12]! >> 4) * 4
  const options: number[] = []
  let mss: number | undefined
  for (let at = 20; at < Math.min(head, b.length); ) {
    const kind = b[at]!
    // the end of the list
    if (kind === 0) break
    options.push(kind)
    if (kind === 2) mss = u16(b, at + 2)
    // a NOP is one byte, all others tell their length
    at += kind === 1 ? 1 : Math.max(2, b[at + 1] ?? 2)
  }
  return {
    tcpFlags: b[13]!,
    tcpOptions: options,
    payload: Math.max(0, length - head),
    ...(mss === undefined ? {} : { mss }),
  }
}

/** RFC 9260. */
function sctp(b: Uint8Array, length: number): Transport {
  const sctpChunks: { readonly type: number }[] = []
  for (let at = 12; at + 4 <= Math.min(length, b.length); at += Math.max(4, (u16(b, at + 2) + 3) & ~3))
    sctpChunks.push({ type: b[at]! })
  return { sctpChunks, payload: 0 }
}

/** RFC 792, 4443. */
function icmp(b: Uint8Array, family: Packet['family'], length: number): Transport | undefined {
  const [type = 0, code = 0] = b
  if (family === 'ipv6' && (type === ND.solicitation || type === ND.advertisement))
    return { icmp: { type, code, target: ipAt(b, 8, 4) }, payload: length - 8 }
  if (!quotesPacket(family, type)) return { icmp: { type, code, id: u16(b, 4) }, payload: length - 8 }
  const redirect = type === (family === 'ipv4' ? 5 : 137)
  // a redirect of IPv6 has two addresses, and then options
  if (redirect && family === 'ipv6') return { icmp: { type, code, gateway: ipAt(b, 8, 4) }, payload: 0 }
  const quoted = b.subarray(8)
  const inner = readPacket(quoted)
  if (!inner && quoted.length >= 40) return undefined
  const tooBig = family === 'ipv4' ? type === 3 && code === 4 : type === 2
  return {
    icmp: {
      type,
      code,
      ...(redirect ? { gateway: ipAt(b, 4, 1) } : {}),
      ...(tooBig ? { mtu: family === 'ipv4' ? u16(b, 6) : u32(b, 4) } : {}),
    },
    ...withInner(inner, 0),
  }
}

/**
 * RFC 7348, told by its looks and not by its port, which NAT may have changed: flags, zeros, a VNI, and then a frame.
 * Nothing that the lab's programs say begins so.
 */
function vxlan(b: Uint8Array): Transport | undefined {
  if (b.length < 8 + 14 || b[0] !== 8 || (u32(b, 0) & 0xffffff) !== 0 || b[7] !== 0) return undefined
  return { vni: u32(b, 4) >>> 8, ...withInner(ethernet(b.subarray(8), undefined), 0) }
}
