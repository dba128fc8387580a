import { cached } from '../values/cached.js'
import type { Snapshot } from '../model/snapshot.js'
import type { Mac } from '../values/mac.js'
import { type Placed, Stack } from '../snapshot/stacked.js'
import { Space } from './space.js'

/** The far end of a cable: a device in a namespace. */
export interface End {
  readonly netns: string
  readonly iface: string
}

/** All namespaces of a snapshot and the cables between them. Derived once for a frozen snapshot. */
export class World {
  private readonly spaces = new Map<string, Space>()
  private readonly cables = new Map<string, readonly End[]>()
  private readonly stack: Stack

  private constructor(readonly snapshot: Snapshot) {
    for (const node of snapshot.nodes)
      for (const netns of node.namespaces) this.spaces.set(netns.name, Space.of(netns))
    this.stack = new Stack(snapshot.nodes.flatMap(node => node.namespaces))
    for (const wire of snapshot.wires)
      for (const end of wire.ends) {
        const key = `${end.netns}\0${end.iface}`
        const others = wire.ends.filter(e => e !== end)
        this.cables.set(key, [...(this.cables.get(key) ?? []), ...others])
      }
  }

  private static readonly made = new WeakMap<Snapshot, World>()
  static of(snapshot: Snapshot): World {
    return cached(World.made, snapshot, () => new World(snapshot))
  }

  /** @throws RangeError for a name that the snapshot doesn't have. */
  space(name: string): Space {
    const space = this.spaces.get(name)
    if (!space) throw new RangeError(`no network namespace ${name}`)
    return space
  }
  all(): Iterable<Space> {
    return this.spaces.values()
  }
  /** Everything on the same cable as a device: one end for veth, several for a switch outside. */
  farEnds(netns: string, iface: string): readonly End[] {
    return this.cables.get(`${netns}\0${iface}`) ?? []
  }
  /** The device below a vlan, macvlan or ipvlan device. */
  lowerOf(netns: string, iface: string): Placed | undefined {
    return this.stack.lowerOf(netns, iface)
  }
  /** The vlan, macvlan and ipvlan devices on a device, in whatever namespace. */
  uppersOf(netns: string, iface: string): readonly Placed[] {
    return this.stack.uppersOf(netns, iface)
  }
  /** Is a frame to this address for the device, or for one that lies on it? */
  takesMac({ netns, iface }: End, mac: Mac): boolean {
    return (
      this.space(netns).iface(iface)?.mac === mac ||
      this.uppersOf(netns, iface).some(u => this.takesMac({ netns: u.netns.name, iface: u.iface.name }, mac))
    )
  }
}
