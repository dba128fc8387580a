import type { Tuple } from '../../conntrack/tuple.js'
import type { Packet } from '../../model/packet.js'
import { type Ip, ipBits } from '../../values/ip.js'
import { maskBits } from '../../values/prefix.js'
import { hasPorts, isIcmp, PROTO } from '../../values/proto.js'

/** What of a packet goes into the hash of HMARK; a prefix or mask that is 0 leaves its part out. */
export interface HashedParts {
  readonly srcPrefix: number
  readonly dstPrefix: number
  readonly sportMask: number
  readonly dportMask: number
  readonly sport: number
  readonly dport: number
  readonly protoMask: number
  /** --hmark-rnd. */
  readonly seed: number
}

/** The hashed tuple: both directions of a flow give the same one, once `hmarkHash` has sorted it. */
export interface HashedTuple {
  readonly src: Ip
  readonly dst: Ip
  readonly proto: number
  readonly ports?: readonly [src: number, dst: number]
}

/**
 * The tuple of a packet (hmark_pkt_set_htuple_ipv4(), _ipv6()): an ICMP error counts as the packet it quotes,
 * fragments have no ports. undefined: ESP and AH, whose SPI isn't known here.
 */
export function tupleOfPacket(packet: Packet): HashedTuple | undefined {
  const p = isIcmp(packet.proto) && packet.inner ? packet.inner : packet
  const { src, dst, proto, sport, dport } = p
  if (proto === PROTO.esp || proto === PROTO.ah) return undefined
  const whole = p.fragmentOffset === 0 && !p.moreFragments
  if (!whole || !hasPorts(proto) || sport === undefined || dport === undefined) return { src, dst, proto }
  return { src, dst, proto, ports: [sport, dport] }
}

/** `ct`: where the connection came from, and where its answers come from (hmark_ct_set_htuple()). */
export const tupleOfConnection = (original: Tuple, reply: Tuple): HashedTuple => ({
  src: original.src.address,
  dst: reply.src.address,
  proto: original.proto,
  ...(!isIcmp(original.proto) && { ports: [original.src.port, reply.src.port] as const }),
})

/** hmark_hash() of net/netfilter/xt_HMARK.c on a little-endian machine, before modulus and offset. Unsigned 32 bits. */
export function hmarkHash(t: HashedTuple, parts: HashedParts): number {
  const [a, b] = sorted(address(t.src, parts.srcPrefix), address(t.dst, parts.dstPrefix))
  let ports = 0
  if (t.ports) {
    const [low, high] = sorted(
      (t.ports[0] & parts.sportMask) | parts.sport,
      (t.ports[1] & parts.dportMask) | parts.dport,
    )
    ports = ((high << 16) | low) >>> 0
  }
  return (hash3(a, b, ports, parts.seed) ^ (t.proto & parts.protoMask)) >>> 0
}

const sorted = (a: number, b: number): readonly [number, number] => (b < a ? [b, a] : [a, b])

/** The words of an address under a prefix, xored into one. */
function address(ip: Ip, length: number): number {
  const bits = ipBits(ip)
  const mask = maskBits(bits.length === 1 ? 'ipv4' : 'ipv6', length)
  return bits.reduce((sum, w, i) => sum ^ (w & mask[i]!), 0) >>> 0
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

/** Bob Jenkins' lookup3 (public domain) over three words, with the start value of the kernel (include/linux/jhash.h). */
function hash3(x: number, y: number, z: number, seed: number): number {
  const start = (seed + 0xdeadbeef + 3 * 4) | 0
  const w = [(x + start) | 0, (y + start) | 0, (z + start) | 0]
  // each step stirs one word with another: which, with which, how far
  for (const [into, from, by] of FINAL) w[into] = ((w[into]! ^ w[from]!) - rotate(w[from]!, by)) | 0
  return w[2]! >>> 0
}
const FINAL = [
  [2, 1, 14],
  [0, 2, 11],
  [1, 0, 25],
  [2, 1, 16],
  [0, 2, 4],
  [1, 0, 14],
  [2, 1, 24],
] as const

/** reciprocal_scale(): a 32-bit number spread over 0 … range − 1. */
export const scaled = (n: number, range: number): number => Number((BigInt(n) * BigInt(range)) >> 32n)
