import type { IpSet, SetEntry } from '../../model/ipset.js'
import { type Bits, ipBits } from '../../values/ip.js'
import { hasPorts, isIcmp } from '../../values/proto.js'
import type { RuleEnv, Truth } from '../extension.js'
import { readUint } from '../numbers.js'
import { hasTransport } from '../parts.js'
import { changedSet } from './current-set.js'
import type { Dimension } from './element.js'
import { find, indexOf, type Seen, type SetIndex } from './index-set.js'

export type SetSide = 'src' | 'dst'
export interface Membership {
  readonly is: Truth
  /** The packet falls under an element with `nomatch`. */
  readonly nomatch: boolean
  /** The set is of a type that knows `nomatch` (IPSET_TYPE_NOMATCH): those that hold networks. */
  readonly excepts?: boolean
  readonly says: string
  /** The element that decided. */
  readonly entry?: SetEntry
}

/**
 * Is what a packet shows in a set? Without a dump of the set nobody knows. Timeouts are not followed: what the
 * dump holds stays. Kernel: net/netfilter/ipset/ip_set_core.c ip_set_test() and the kadt functions of the types.
 */
export function membership(env: RuleEnv, name: string, sides: readonly SetSide[]): Membership {
  const set = setByName(env, name)
  if (!set) return { is: 'unknown', nomatch: false, says: `set ${name} was not dumped` }
  return { ...inSet(env, set, sides, 0), excepts: /^hash:.*\bnet\b/.test(set.type) }
}

const byName = new WeakMap<readonly IpSet[], Map<string, IpSet>>()
function setByName(env: RuleEnv, name: string): IpSet | undefined {
  const { sets } = env.netns
  let map = byName.get(sets)
  if (!map) {
    map = new Map(sets.map(set => [set.name, set]))
    byName.set(sets, map)
  }
  return changedSet(env, name) ?? map.get(name)
}

const answer = (is: Truth, says: string, nomatch = false): Membership => ({ is, says, nomatch })

function inSet(env: RuleEnv, set: IpSet, sides: readonly SetSide[], depth: number): Membership {
  const index = indexOf(set)
  if ('why' in index) return answer('unknown', index.why)
  if (index.dimensions[0] === 'set') return inList(env, set, index, sides, depth)
  if (sides.length < index.dimensions.length)
    return answer(
      false,
      `set ${set.name} (${set.type}) needs ${index.dimensions.length} of src and dst, not ${sides.length}`,
    )
  if (
    set.type.startsWith('hash:') &&
    set.type !== 'hash:mac' &&
    (set.family === 'inet6') !== (env.family === 'ipv6')
  )
    return answer(false, `set ${set.name} holds ${set.family} elements`)
  if (set.type.startsWith('bitmap:ip') && env.family === 'ipv6')
    return answer(false, `set ${set.name} holds IPv4 elements`)
  const seen: Seen[] = []
  for (let i = 0; i < index.dimensions.length; i++) {
    const one = seenOf(env, set, index.dimensions[i]!, sides[i]!)
    if (typeof one === 'string') return answer(false, one)
    seen.push(one)
  }
  const shown = seenText(env, index, sides)
  const entry =
    find(index, seen) ??
    (index.dimensions.includes('iface') ? findPhysdev(env, index, seen, sides) : undefined)
  if (!entry) return answer(false, `${shown} is not in set ${set.name}`)
  return entry.nomatch
    ? answer(false, `${shown} is excepted from set ${set.name} by ${entry.element} nomatch`, true)
    : { ...answer(true, `${shown} is in set ${set.name} (${entry.element})`), entry }
}

/** list:set: the first member set that holds it decides. */
function inList(
  env: RuleEnv,
  set: IpSet,
  index: SetIndex,
  sides: readonly SetSide[],
  depth: number,
): Membership {
  let unknown: Membership | undefined
  for (const member of index.members) {
    const inner = setByName(env, member)
    // the kernel allows no list in a list; a dump made by hand must not send us in circles
    const found =
      inner && depth === 0
        ? inSet(env, inner, sides, depth + 1)
        : answer('unknown', `set ${member}, a member of ${set.name}, was not dumped`)
    if (found.is === true) return { ...found, says: `${found.says}, a member of ${set.name}` }
    if (found.is === 'unknown') unknown ??= found
  }
  return unknown ?? answer(false, `no member of set ${set.name} holds it`)
}

/** One position as the packet shows it; a sentence if it shows none. */
function seenOf(env: RuleEnv, set: IpSet, dimension: Dimension, side: SetSide): Seen | string {
  const { packet } = env.skb
  switch (dimension) {
    case 'ip':
    case 'net':
      return { kind: 'address', bits: masked(ipBits(side === 'src' ? packet.src : packet.dst), set) }
    case 'port': {
      const { proto } = packet
      if (!hasTransport(packet)) return 'it is a second or further fragment, its ports cannot be seen'
      if (hasPorts(proto)) {
        const port = side === 'src' ? packet.sport : packet.dport
        return port === undefined ? 'its ports cannot be seen' : { kind: 'port', proto, port }
      }
      if (set.type === 'bitmap:port') return 'it has no ports'
      if (isIcmp(proto) && packet.icmp)
        return { kind: 'port', proto, port: packet.icmp.type * 256 + packet.icmp.code }
      return { kind: 'port', proto, port: 0 }
    }
    case 'mac': {
      const { eth } = packet
      if (!eth) return 'it has no Ethernet header'
      return { kind: 'key', key: side === 'src' ? eth.src : eth.dst }
    }
    case 'mark': {
      const mask = readUint(set.options.markmask ?? '0xffffffff')
      return { kind: 'key', key: String((env.skb.mark & mask) >>> 0) }
    }
    default: {
      const dev = side === 'src' ? env.in : env.out
      return dev === undefined
        ? `it has no ${side === 'src' ? 'input' : 'output'} device`
        : { kind: 'key', key: dev }
    }
  }
}

/** `netmask` of a set: addresses are looked up without their host bits. */
function masked(bits: Bits, set: IpSet): Bits {
  const length =
    set.options.netmask === undefined ? Number.NaN : readUint(set.options.netmask, 32 * bits.length)
  if (Number.isNaN(length)) return bits
  return bits.map((w, i) => {
    const n = Math.max(0, Math.min(32, length - 32 * i))
    return n === 0 ? 0 : (w & (0xffffffff << (32 - n))) >>> 0
  })
}

/** hash:net,iface elements of a bridge port (`physdev:veth0`). */
function findPhysdev(env: RuleEnv, index: SetIndex, seen: readonly Seen[], sides: readonly SetSide[]) {
  const at = index.dimensions.indexOf('iface')
  const port = sides[at] === 'src' ? env.skb.bridgeNf?.physIn : env.skb.bridgeNf?.physOut
  if (port === undefined) return undefined
  return find(
    index,
    seen.map((s, i) => (i === at ? { kind: 'key', key: `physdev:${port}` } : s)),
  )
}

function seenText(env: RuleEnv, index: SetIndex, sides: readonly SetSide[]): string {
  const { packet, mark } = env.skb
  return index.dimensions
    .map((dimension, i) => {
      const source = sides[i] === 'src'
      switch (dimension) {
        case 'port':
          return String((source ? packet.sport : packet.dport) ?? 'port')
        case 'mac':
          return (source ? packet.eth?.src : packet.eth?.dst) ?? 'MAC'
        case 'mark':
          return `0x${mark.toString(16)}`
        case 'iface':
          return (source ? env.in : env.out) ?? 'device'
        default:
          return source ? packet.src : packet.dst
      }
    })
    .join(',')
}
