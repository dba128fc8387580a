import { type ConntrackEntry, zoneIn, zoneOf } from '../conntrack/entry.js'
import type { Side, Tuple } from '../conntrack/tuple.js'
import { invert, sameTuple } from '../conntrack/tuple.js'
import type { Here } from '../run/here.js'
import { compareBits, formatIp, ipBits, type Ip } from '../values/ip.js'
import { jhash2, littleEndian, scaled } from '../values/jhash.js'
import { compareKernels } from '../values/kernel.js'
import { PROTO } from '../values/proto.js'
import type { NatRange } from '../xtables/extension.js'

export type Manip = 'src' | 'dst'

/** nf_nat_l4proto_unique_tuple(): without a port range a source port stays in its class. */
export const SOURCE_PORT_CLASSES = [
  { below: 512, from: 1, to: 511 },
  { below: 1024, from: 600, to: 1023 },
  { below: 65536, from: 1024, to: 65535 },
] as const

/** How many ports nf_nat_l4proto_unique_tuple() tries before it gives up. */
const MAX_ATTEMPTS = 128

const keyed = (tuple: Tuple, manip: Manip, side: Partial<Side>): Tuple => ({
  ...tuple,
  [manip]: { ...tuple[manip], ...side },
})

/** Protocols whose tuples have a port (or id) that may be changed. */
const hasKey = (proto: number): boolean => proto !== PROTO.gre && proto in KEYED
const KEYED: Readonly<Record<number, true>> = {
  1: true,
  6: true,
  17: true,
  33: true,
  58: true,
  132: true,
  136: true,
}

/** The kernel's dice. */
export interface Chance {
  /** The number of the option taken. */
  draw(at: string, options: readonly string[]): number
  /** How often this was drawn before. */
  drawn(at: string): number
}
const NONE: Chance = { draw: () => 0, drawn: () => 0 }

/**
 * get_unique_tuple() (net/netfilter/nf_nat_core.c): the tuple that this connection gets under a range, such that
 * its reply is nobody else's. `chance` is asked where the kernel throws dice.
 */
export function uniqueTuple(
  orig: Tuple,
  range: NatRange,
  entry: ConntrackEntry,
  manip: Manip,
  here: Here,
  chance: Chance,
): Tuple {
  const now = here.run.now
  const used = (t: Tuple) => here.state.conntrack.taken(invert(t), entry, now)
  const random = range.random === true || range.randomFully === true
  if (manip === 'src' && !random) {
    // the same source keeps the same translation (find_appropriate_src()), and an address that fits stays as it is
    if (inRange(orig, range)) {
      if (!used(orig) || isMirrored(orig, entry, here)) return orig
    } else {
      const before = sameSource(orig, range, entry, here)
      if (before && !used(before)) return before
    }
  }
  const tuple = keyed(orig, manip, {
    address: pickAddress(orig, range, manip, entry.zone),
  })
  if (!random) {
    if (range.minPort !== undefined) {
      const port = tuple[manip].port
      if (
        range.basePort === undefined &&
        port >= range.minPort &&
        port <= range.maxPort! &&
        (range.minPort === range.maxPort || !used(tuple))
      )
        return tuple
    } else if (!used(tuple)) return tuple
  }
  const dice = random || manip === 'src' || compareKernels(here.run.world.snapshot.kernel, '6.8') < 0
  return uniquePort(tuple, range, manip, used, dice ? chance : NONE)
}

/** Protocols of which two connections may begin at once (allow_clash). */
const MAY_CLASH: readonly number[] = [PROTO.udp, PROTO.udplite, PROTO.gre]

/**
 * nf_nat_used_tuple_new(), since 6.12: is the tuple taken by the very same connection, seen from the other end? Then no port
 * is changed, and confirm() decides.
 */
function isMirrored(orig: Tuple, entry: ConntrackEntry, here: Here): boolean {
  const { conntrack } = here.state
  if (!MAY_CLASH.includes(orig.proto) || compareKernels(here.run.world.snapshot.kernel, '6.12') < 0)
    return false
  const at = [zoneOf(entry), here.run.now] as const
  const other = (conntrack.find(orig, ...at) ?? conntrack.find(invert(orig), ...at))?.entry
  const isTranslated = (e: ConntrackEntry) => e.srcNat || e.dstNat
  if (!other || isTranslated(other) || isTranslated(entry)) return false
  return sameTuple(other.original, entry.reply) && sameTuple(other.reply, entry.original)
}

/** nf_in_range() and l4proto_in_range(), for the source. */
function inRange(tuple: Tuple, range: NatRange): boolean {
  if (range.minAddress !== undefined) {
    const bits = ipBits(tuple.src.address)
    if (compareBits(bits, ipBits(range.minAddress)) < 0 || compareBits(bits, ipBits(range.maxAddress!)) > 0)
      return false
  }
  return (
    range.minPort === undefined ||
    !hasKey(tuple.proto) ||
    (tuple.src.port >= range.minPort && tuple.src.port <= range.maxPort!)
  )
}

/** find_appropriate_src(): of connections in the same zone. */
function sameSource(orig: Tuple, range: NatRange, entry: ConntrackEntry, here: Here): Tuple | undefined {
  const zone = zoneIn(zoneOf(entry), 'original')
  for (const e of here.state.conntrack.list(here.run.now)) {
    const o = e.original
    if (zoneIn(zoneOf(e), 'original') !== zone) continue
    if (o.proto !== orig.proto || o.src.address !== orig.src.address || o.src.port !== orig.src.port) continue
    const { src } = invert(e.reply)
    const candidate: Tuple = orig.icmp
      ? { ...orig, src, dst: { ...orig.dst, port: src.port } }
      : { ...orig, src }
    if (inRange(candidate, range)) return candidate
  }
  return undefined
}

/**
 * find_best_ips_proto(): one address of the range, by a hash of both addresses and the zone's number, whichever
 * direction that is for, or (--persistent) of the source alone.
 */
function pickAddress(orig: Tuple, range: NatRange, manip: Manip, zone: number): Ip {
  const { minAddress, maxAddress } = range
  if (minAddress === undefined) return orig[manip].address
  if (minAddress === maxAddress || maxAddress === undefined) return minAddress
  const [min, max] = [ipBits(minAddress), ipBits(maxAddress)]
  const dst = littleEndian(ipBits(orig.dst.address))
  const src = [...littleEndian(ipBits(orig.src.address)), 0, 0, 0].slice(0, 4)
  let hash = jhash2(src, range.persistent ? 0 : (dst.at(-1)! ^ zone) >>> 0)
  // once a word is below the range's last one, those after it may be anything
  let isFree = false
  const words = min.map((low, i) => {
    const word = isFree ? scaled(hash, 0xffffffff) : (low + scaled(hash, max[i]! - low + 1)) >>> 0
    if (word !== max[i]) isFree = true
    // tuple->dst is the very word that was just written, where destinations are chosen
    const mixed = manip === 'dst' ? littleEndian([word])[0]! : dst[i]!
    if (!range.persistent) hash = (hash ^ mixed) >>> 0
    return word
  })
  return formatIp(words)
}

/**
 * Where in a range the search for a port begins. Chance seldom draws the same twice, so each draw of a conversation offers
 * others than those before it, and the first of them is what happens unless a choice says otherwise.
 */
function anyOffset(manip: Manip, from: number, size: number, { draw, drawn }: Chance): number {
  if (size === 1) return 0
  const at = `${manip}-nat port by chance from ${from}-${from + size - 1}`
  const first = drawn(at)
  const offsets = Array.from({ length: Math.min(size, 8) }, (_, i) => (first + i) % size)
  const ports = offsets.map(offset => String(from + offset))
  return offsets[draw(at, ports)]!
}

/**
 * nf_nat_l4proto_unique_tuple(). A source port is looked for from anywhere in its range; a destination's from the first on,
 * unless it is asked otherwise (since 6.8; on 6.1 it begins anywhere, too).
 */
function uniquePort(
  tuple: Tuple,
  range: NatRange,
  manip: Manip,
  used: (t: Tuple) => boolean,
  chance: Chance,
): Tuple {
  if (!hasKey(tuple.proto)) return tuple
  const present = tuple[manip].port
  let from: number
  let size: number
  if (range.minPort === undefined) {
    // a destination port is never changed unasked; an echo's id is nobody's port
    if (manip === 'dst' && !tuple.icmp) return tuple
    if (tuple.icmp) {
      from = 0
      size = 65536
    } else {
      const kind = SOURCE_PORT_CLASSES.find(c => present < c.below)!
      from = kind.from
      size = kind.to - kind.from + 1
    }
  } else {
    from = range.minPort
    size = Math.max(1, range.maxPort! - range.minPort + 1)
  }
  const offset =
    range.basePort === undefined ? anyOffset(manip, from, size, chance) : present - range.basePort
  let candidate = tuple
  for (let i = 0; i < Math.min(size, MAX_ATTEMPTS); i++) {
    // off is an u16: before the base it begins again from above
    const port = from + (((offset + i) & 0xffff) % size)
    // an echo has one id, on both sides
    candidate = tuple.icmp
      ? { ...tuple, src: { ...tuple.src, port }, dst: { ...tuple.dst, port } }
      : keyed(tuple, manip, { port })
    if (!used(candidate)) return candidate
  }
  // all taken: it keeps the last one that was tried, and confirm() will find out
  return candidate
}
