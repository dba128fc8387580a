import { macvlanMode, siblings } from '../bridge/macvlan.js'
import type { Iface } from '../model/iface.js'
import type { Here } from '../run/here.js'
import { cached } from '../values/cached.js'
import type { Mac } from '../values/mac.js'
import type { Space } from './space.js'
import type { End, World } from './world.js'

/** A question to all has come to a device: over which others, and whether it still has a VLAN tag. */
export interface Arrival {
  readonly space: Space
  readonly iface: Iface
  readonly vlan?: number
  /** Where it was before, and by which port of the bridge there it left. */
  readonly from?: Arrival
  readonly outPort?: string
}

type Left = Pick<Arrival, 'from' | 'outPort' | 'vlan'>

/** Breadth first over the layer-2 segment that a device sends into: the first device that would answer. */
export function ask(
  world: World,
  space: Space,
  iface: Iface,
  isIt: (a: Arrival) => boolean,
): Arrival | undefined {
  for (const arrival of new Flood(world, space, iface).hearers()) if (isIt(arrival)) return arrival
  return undefined
}

/** A question to all on its way: it comes to each device once, with each tag. */
class Flood {
  private readonly seen: Set<string>
  private readonly queue: Arrival[] = []

  constructor(
    private readonly world: World,
    private readonly space: Space,
    private readonly asker: Iface,
  ) {
    this.seen = new Set([`${space.name}\0${asker.name}\0`])
  }

  /** Who hears it as a question to IP. */
  *hearers(): Generator<Arrival> {
    this.emit(this.space, this.asker, {})
    for (let i = 0; i < this.queue.length; i++) yield* this.onward(this.queue[i]!)
  }

  private arrive(end: End, left: Left): void {
    const key = `${end.netns}\0${end.iface}\0${left.vlan ?? ''}`
    if (this.seen.has(key)) return
    this.seen.add(key)
    const space = this.world.space(end.netns)
    const iface = space.iface(end.iface)
    if (iface?.up) this.queue.push({ space, iface, ...left })
  }

  /** It leaves by a device: over the cable, through the tunnel, or by the device below. */
  private emit(from: Space, out: Iface, left: Left): void {
    const { world } = this
    if (!out.up) return
    if (out.kind === 'bridge') {
      for (const port of from.ports(out.name)) this.emit(from, port, { ...left, outPort: port.name })
      return
    }
    const ends = world.farEnds(from.name, out.name)
    for (const end of ends) this.arrive(end, left)
    if (ends.length > 0) return
    if (out.kind === 'vxlan') for (const end of vxlanPeers(world, from, out)) this.arrive(end, left)
    const lower = world.lowerOf(from.name, out.name)
    if (!lower) return
    const below = world.space(lower.netns.name)
    if (out.kind === 'vlan') {
      if (out.vlanId !== undefined && left.vlan === undefined)
        this.emit(below, lower.iface, { ...left, vlan: out.vlanId })
      return
    }
    for (const end of siblings(world, { netns: from.name, iface: out.name })) {
      const other = world.space(end.netns).iface(end.iface)!
      if (out.kind === 'ipvlan' || (macvlanMode(out) === 'bridge' && macvlanMode(other) === 'bridge'))
        this.arrive(end, left)
    }
    this.emit(below, lower.iface, left)
  }

  /** It has come to a device: to the VLAN above, over the bridge, or to the device itself and those above it. */
  private *onward(arrival: Arrival): Generator<Arrival> {
    const { space, iface, vlan } = arrival
    const uppers = this.world.uppersOf(space.name, iface.name)
    const tagged =
      vlan === undefined ? undefined : uppers.find(u => u.iface.kind === 'vlan' && u.iface.vlanId === vlan)
    if (tagged) {
      this.arrive({ netns: tagged.netns.name, iface: tagged.iface.name }, untagged(arrival))
      return
    }
    const bridge = space.bridgeOf(iface)
    if (bridge) {
      yield* this.overBridge(arrival, bridge)
      return
    }
    if (vlan !== undefined) return
    yield arrival
    const master = space.iface(iface.master)
    if (master?.kind === 'physical') this.arrive({ netns: space.name, iface: master.name }, { from: arrival })
    for (const upper of uppers)
      if (
        upper.iface.kind === 'ipvlan' ||
        (upper.iface.kind === 'macvlan' && hears(this.world, this.space, this.asker, upper.iface))
      )
        this.arrive({ netns: upper.netns.name, iface: upper.iface.name }, { from: arrival })
  }

  private *overBridge(arrival: Arrival, bridge: Iface): Generator<Arrival> {
    const { space, iface, vlan } = arrival
    if (iface.bridgePort && iface.bridgePort.state !== 'forwarding') return
    if (bridge.up && vlan === undefined) yield { ...untagged(arrival), space, iface: bridge, from: arrival }
    for (const upper of this.world.uppersOf(space.name, bridge.name))
      if (vlan === undefined ? upper.iface.kind !== 'vlan' : upper.iface.vlanId === vlan)
        this.arrive({ netns: upper.netns.name, iface: upper.iface.name }, { from: arrival })
    // should_deliver(): not between isolated ports, nor by one that does not forward
    for (const port of space.ports(bridge.name))
      if (
        port.name !== iface.name &&
        !(port.bridgePort?.isolated && iface.bridgePort?.isolated) &&
        (port.bridgePort?.state ?? 'forwarding') === 'forwarding'
      )
        this.emit(space, port, {
          from: arrival,
          outPort: port.name,
          ...(vlan === undefined ? {} : { vlan }),
        })
  }
}

const untagged = ({ from, outPort }: Arrival): Left => ({
  ...(from ? { from } : {}),
  ...(outPort === undefined ? {} : { outPort }),
})

/** macvlan_handle_frame(): what a switch sends back of a device's own question is not for its private neighbours. */
function hears(world: World, space: Space, asker: Iface, upper: Iface): boolean {
  if (upper === asker) return false
  const ours = siblings(world, { netns: space.name, iface: asker.name })
  const neighbours = ours.some(e => world.space(e.netns).iface(e.iface) === upper)
  if (asker.kind !== 'macvlan' || !neighbours) return true
  return macvlanMode(asker) === 'vepa' && ['vepa', 'bridge'].includes(macvlanMode(upper))
}

/** Devices of the same VXLAN whose hosts a question to all is sent to: the all-zero entries, and `remote`. */
function vxlanPeers(world: World, space: Space, iface: Iface): End[] {
  const remotes = new Set(
    space.netns.fdb
      .filter(e => e.dev === iface.name && e.mac === '00:00:00:00:00:00')
      .flatMap(e => e.dst ?? []),
  )
  if (iface.vxlan?.remote) remotes.add(iface.vxlan.remote)
  if (remotes.size === 0) return []
  return [...world.all()].flatMap(there =>
    there.netns.ifaces
      .filter(i => i.kind === 'vxlan' && i.vxlan?.id === iface.vxlan?.id && there !== space)
      .filter(i => (i.vxlan?.local ? remotes.has(i.vxlan.local) : [...remotes].some(r => there.ownerOf(r))))
      .map(i => ({ netns: there.name, iface: i.name })),
  )
}

/** The question and its answer crossed these bridges: they know both ends now. */
export function learnPath(here: Here, found: Arrival, asker: Iface): void {
  const put = (space: Space, bridge: string, mac: Mac | undefined, port: string) => {
    if (mac === undefined) return
    const { learned } = here.run.of(space.name)
    cached(learned, bridge, () => new Map<Mac, string>()).set(mac, port)
  }
  const { mac } = found.iface
  // backwards: an arrival at a bridge port tells where the asker is; how it went on, where the answerer is
  let next: Arrival | undefined
  for (let a: Arrival | undefined = found; a; a = a.from) {
    const bridge = a.space.bridgeOf(a.iface)
    if (bridge) {
      put(a.space, bridge.name, asker.mac, a.iface.name)
      if (next?.outPort !== undefined) put(a.space, bridge.name, mac, next.outPort)
    }
    next = a
  }
  if (asker.kind === 'bridge' && next?.outPort !== undefined) put(here.space, asker.name, mac, next.outPort)
}
