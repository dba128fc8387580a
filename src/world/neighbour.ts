import { cached } from '../values/cached.js'
import type { Iface } from '../model/iface.js'
import type { Here } from '../run/here.js'
import { failed } from '../routing/fib.js'
import { familyOf, type Ip } from '../values/ip.js'
import type { Mac } from '../values/mac.js'
import { contains } from '../values/prefix.js'
import type { Space } from './space.js'
import type { World } from './world.js'

/** Seconds until ARP or neighbour discovery gives up: three probes, a second apart. */
export const ARP_PATIENCE = 3

interface Arrival {
  readonly space: Space
  readonly iface: Iface
  readonly from?: Arrival
}

/**
 * neigh_resolve_output(), as far as reachability needs it: a permanent entry counts; otherwise the question goes
 * out over cables and bridges, and whoever would answer it is found. Where nobody in the snapshot answers, an
 * entry of the dump is believed. Bridges on the way learn both addresses.
 */
export function resolveNeighbour(here: Here, dev: string, address: Ip): Mac | undefined {
  const { space } = here
  const entries = space.netns.neighbours.filter(
    n => n.dev === dev && n.address === address && n.mac !== undefined,
  )
  const fixed = entries.find(n => n.state === 'PERMANENT' || n.state === 'NOARP')
  if (fixed) return fixed.mac
  const iface = space.iface(dev)
  if (!iface) return undefined
  const family = familyOf(address)
  const sender = space.selectAddress(dev, address, family)
  const found = ask(here.run.world, space, iface, answering =>
    answers(answering.space, answering.iface, address, sender),
  )
  if (found) {
    learnPath(here, found, iface)
    return found.iface.mac
  }
  return entries.find(n => n.state !== 'FAILED' && n.state !== 'INCOMPLETE')?.mac
}

/** Breadth first over the layer-2 segment that a device sends into. */
function ask(world: World, space: Space, iface: Iface, isIt: (a: Arrival) => boolean): Arrival | undefined {
  const seen = new Set<string>([`${space.name}\0${iface.name}`])
  const queue: Arrival[] = []
  const emit = (from: Space, out: Iface, arrival: Arrival | undefined): void => {
    if (!out.up) return
    if (out.kind === 'bridge') {
      for (const port of from.ports(out.name)) emit(from, port, arrival)
      return
    }
    for (const end of world.farEnds(from.name, out.name)) {
      const key = `${end.netns}\0${end.iface}`
      if (seen.has(key)) continue
      seen.add(key)
      const there = world.space(end.netns)
      const device = there.iface(end.iface)
      if (device?.up) queue.push({ space: there, iface: device, ...(arrival ? { from: arrival } : {}) })
    }
  }
  emit(space, iface, undefined)
  for (let i = 0; i < queue.length; i++) {
    const arrival = queue[i]!
    const bridge = arrival.space.bridgeOf(arrival.iface)
    if (!bridge) {
      if (isIt(arrival)) return arrival
      continue
    }
    const onBridge: Arrival = { space: arrival.space, iface: bridge, from: arrival }
    if (bridge.up && isIt(onBridge)) return onBridge
    for (const port of arrival.space.ports(bridge.name))
      if (port.name !== arrival.iface.name) emit(arrival.space, port, arrival)
  }
  return undefined
}

/** arp_process(), arp_ignore(), proxy_arp; ndisc_recv_ns(): would this device answer for the address? */
function answers(space: Space, iface: Iface, address: Ip, sender: Ip | undefined): boolean {
  if (!iface.up || iface.noarp) return false
  const family = familyOf(address)
  const own = iface.addresses.find(a => a.address === address)
  if (family === 'ipv6') return own !== undefined
  // a question in the name of one of our own addresses is a martian
  if (sender !== undefined && space.isLocal(sender)) return false
  if (space.fib('ipv4').addressType(address) === 'local' || own) {
    switch (space.maxConf(iface.name, 'arp_ignore')) {
      case 0:
        return true
      case 1:
        return own !== undefined
      case 2:
        return (
          own !== undefined &&
          (sender === undefined || contains({ base: own.address, length: own.prefixLength }, sender))
        )
      case 8:
        return false
      default:
        return own !== undefined && own.scope !== 'host'
    }
  }
  if (!space.orConf(iface.name, 'proxy_arp') || !space.forwards(iface.name, 'ipv4'))
    return space.netns.neighbours.some(n => n.proxy && n.address === address && n.dev === iface.name)
  const route = space.fib('ipv4').lookup({ dst: address, mark: 0, iif: iface.name })
  return !failed(route) && route.route.type === 'unicast' && route.nexthop?.dev !== iface.name
}

/** The question and its answer crossed these bridges: they know both ends now. */
function learnPath(here: Here, found: Arrival, asker: Iface): void {
  const put = (space: Space, bridge: string, mac: Mac | undefined, port: string) => {
    if (mac === undefined) return
    const { learned } = here.run.of(space.name)
    cached(learned, bridge, () => new Map<Mac, string>()).set(mac, port)
  }
  // backwards: each arrival at a bridge port tells where the asker is; the next arrival, where the answerer is
  let next: Arrival | undefined
  for (let a: Arrival | undefined = found; a; a = a.from) {
    const bridge = a.space.bridgeOf(a.iface)
    if (bridge) {
      put(a.space, bridge.name, asker.mac, a.iface.name)
      if (next && found.iface.mac !== undefined) {
        const out = exitPort(here.run.world, a.space, bridge.name, next)
        if (out !== undefined) put(a.space, bridge.name, found.iface.mac, out)
      }
    }
    next = a
  }
  if (asker.kind === 'bridge' && next) {
    const out = exitPort(here.run.world, here.space, asker.name, next)
    if (out !== undefined) put(here.space, asker.name, found.iface.mac, out)
  }
}

const exitPort = (world: World, space: Space, bridge: string, to: Arrival): string | undefined =>
  space
    .ports(bridge)
    .find(p =>
      world.farEnds(space.name, p.name).some(e => e.netns === to.space.name && e.iface === to.iface.name),
    )?.name
