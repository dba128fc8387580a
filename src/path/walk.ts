import { type Here, hereOf, note } from '../run/here.js'
import { type Birth, HOP_TIME, type RunState } from '../run/run-state.js'
import { packetSummary } from '../skb/packet-summary.js'
import type { Skb } from '../skb/skb.js'
import { isGroupMac } from '../values/mac.js'
import type { End } from '../world/world.js'
import { bridgeForward } from './bridge-forward.js'
import { bridgeIn } from './bridge-in.js'
import { bridgeOut } from './bridge-out.js'
import { bridgeSwitch } from './bridge-switch.js'
import { deviceIn } from './device-in.js'
import { deviceOut } from './device-out.js'
import { forward } from './forward.js'
import { ipIn } from './ip-in.js'
import { ipOut } from './ip-out.js'
import { localIn } from './local-in.js'
import { localOut } from './local-out.js'
import { neighbour } from './neighbour.js'
import type { Next, Room, RoomName } from './room.js'
import { routeIn } from './route-in.js'

/** The rooms, in walking order. */
export const ROOMS: readonly Room[] = [
  deviceIn,
  bridgeIn,
  bridgeSwitch,
  bridgeForward,
  ipIn,
  routeIn,
  localIn,
  forward,
  localOut,
  ipOut,
  neighbour,
  bridgeOut,
  deviceOut,
]
const BY_NAME = new Map<RoomName, Room>(ROOMS.map(r => [r.name, r]))

/** IPDEFTTL, IPV6_DEFAULT_HOPLIMIT */
const DEFAULT_TTL = 64

/** More rooms than any packet of a sane world passes: two bridges in a ring flood for ever. */
const MAX_ROOMS = 2000

/** Takes a packet from its birth through room after room, over cables and through namespaces, to its end. */
export function walk(run: RunState, birth: Birth): void {
  const trace =
    birth.trace ?? run.trail.open(birth.direction ?? 'related', packetSummary(birth.skb.packet), run.now)
  if (birth.carries !== undefined) trace.carries = birth.carries
  if (birth.resolves !== undefined) trace.resolves = birth.resolves
  const here = hereOf(run, birth.netns, trace)
  if (birth.trace === undefined)
    note(here, { kind: 'hop', packet: packetSummary(birth.skb.packet), born: birth.because })
  const dev = birth.dev ?? birth.skb.route?.dev
  if (dev === undefined) return
  const isNew = birth.trace === undefined && birth.room !== 'device-in'
  const skb = isNew ? withOwnTtl(birth.skb, here, dev) : birth.skb
  proceed(run, birth, trace, [{ next: { to: birth.room, skb, dev }, here }], birth.atOnce ?? false)
}

/** ip4_dst_hoplimit(), ip6_dst_hoplimit(): what is born here begins with this machine's TTL. */
function withOwnTtl(skb: Skb, { space }: Here, dev: string): Skb {
  const { packet } = skb
  const key = packet.family === 'ipv4' ? 'net.ipv4.ip_default_ttl' : `net.ipv6.conf.${dev}.hop_limit`
  const ttl = packet.ttl === DEFAULT_TTL ? space.number(key, DEFAULT_TTL) : packet.ttl
  return ttl === packet.ttl ? skb : { ...skb, packet: { ...packet, ttl } }
}

interface Step {
  readonly next: Next
  readonly here: Here
  /** It has been handed to a device, taken away by IPVS, or is a copy: a program hears only of what is dropped before. */
  readonly unheard?: boolean
}

/**
 * Goes on until nothing is left of the packet, then lets those answer that have been asked by it.
 * @param untilWire what is on the far side of a device waits its turn (netif_rx(): the backlog of the CPU)
 */
function proceed(run: RunState, birth: Birth, trace: Here['trace'], todo: Step[], untilWire = false): void {
  const before = run.answers
  run.answers = []
  takeSteps(run, birth, trace, todo, untilWire)
  const { answers } = run
  run.answers = before
  for (const answer of answers) answer()
}

function takeSteps(
  run: RunState,
  birth: Birth,
  trace: Here['trace'],
  todo: Step[],
  untilWire: boolean,
): void {
  for (let rooms = 0; todo.length > 0; ) {
    const step = todo.pop()!
    const { next, here: at } = step
    const unheard = step.unheard === true || ('unheard' in next && next.unheard === true)
    const crosses = 'cross' in next || ('to' in next && next.to === 'device-in')
    // what is made in the middle of a packet's way leaves before it, so that packet waits behind it
    if (crosses && rooms > 0 && (untilWire || run.atTheWire > 0)) {
      const rest = [...todo, step]
      run.atTheWire++
      run.after(HOP_TIME, () => {
        run.atTheWire--
        proceed(run, birth, trace, rest)
      })
      return
    }
    if ('to' in next) {
      if (++rooms > MAX_ROOMS) {
        note(at, {
          kind: 'dropped',
          reason: 'X_LOOP',
          because: `it has passed ${MAX_ROOMS} stages: a loop of bridges or routes`,
        })
        return
      }
      const handedOver = next.to === 'device-out'
      todo.push({
        next: BY_NAME.get(next.to)!.enter(next.skb, at, next.dev),
        here: at,
        unheard: unheard || handedOver,
      })
    } else if ('each' in next) {
      for (const copy of next.each.toReversed()) todo.push({ next: copy, here: at, unheard })
    } else if ('cross' in next) {
      run.now += HOP_TIME
      // netif_rx(): the far side waits until all copies that a bridge makes are on their way
      for (const end of receivers(run, next.cross, next.skb))
        todo.unshift({
          next: { to: 'device-in', skb: scrub(next.skb, end.netns === at.space.name), dev: end.iface },
          here: hereOf(run, end.netns, trace),
          unheard,
        })
    } else if ('into' in next) {
      todo.push({
        next: { to: next.room, skb: next.skb, dev: next.dev },
        here: hereOf(run, next.into, trace),
        unheard,
      })
    } else if ('waits' in next) {
      next.waits(then => proceed(run, birth, trace, [{ next: then, here: at, unheard }]))
    } else if ('dropped' in next) {
      note(at, { kind: 'dropped', reason: next.dropped, because: next.because })
      if (!unheard) birth.onLocalDrop?.(next.dropped, next.because, next.errno)
    } else if ('unknown' in next) {
      run.unknown ??= next.unknown
      note(at, { kind: 'dropped', reason: 'X_UNKNOWN', because: next.unknown })
    }
  }
}

/** A switch between several ends knows where a MAC address is; a bridge behind an end may know more. */
function receivers(run: RunState, ends: readonly End[], skb: Skb): readonly End[] {
  const mac = skb.packet.eth?.dst
  if (ends.length < 2 || mac === undefined || isGroupMac(mac)) return ends
  const owners = ends.filter(e => run.world.takesMac(e, mac))
  if (owners.length > 0) return owners
  const bridged = ends.filter(e => run.world.space(e.netns).iface(e.iface)?.master !== undefined)
  return bridged.length > 0 ? bridged : ends
}

/** skb_scrub_packet(): what does not survive a cable; the mark does, within one namespace. */
const scrub = (skb: Skb, sameNetns: boolean): Skb => ({
  packet: skb.packet,
  mark: sameNetns ? skb.mark : 0,
  priority: skb.priority,
  pktType: 'host',
  ...(skb.hash !== undefined && { hash: skb.hash }),
})
