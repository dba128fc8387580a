import type { Iface } from '../model/iface.js'
import type { Netns } from '../model/snapshot.js'
import { cached } from '../values/cached.js'

/** A device and the namespace that it lies in. */
export interface Placed {
  readonly netns: Netns
  readonly iface: Iface
}
export const placeKey = (netns: string, iface: string): string => `${netns}\n${iface}`

/** Kinds that have no wire of their own: they send and receive through another device. */
export const isStacked = (iface: Iface): boolean =>
  iface.kind === 'vlan' || iface.kind === 'macvlan' || iface.kind === 'ipvlan'

/** Which device each vlan, macvlan and ipvlan device lies on, where that one is in the snapshot. */
export class Stack {
  private readonly lowers = new Map<string, Placed>()
  private readonly uppers = new Map<string, Placed[]>()

  constructor(namespaces: readonly Netns[]) {
    const ofNode = new Map<string, Netns[]>()
    for (const netns of namespaces) cached(ofNode, netns.node, () => []).push(netns)
    for (const netns of namespaces)
      for (const iface of netns.ifaces) {
        const lower = isStacked(iface) ? lowerOf(netns, iface, ofNode.get(netns.node) ?? []) : undefined
        if (!lower || this.rests({ netns, iface }, lower)) continue
        this.lowers.set(placeKey(netns.name, iface.name), lower)
        cached(this.uppers, placeKey(lower.netns.name, lower.iface.name), () => []).push({ netns, iface })
      }
  }

  /** Does the lower device lie, in the end, on the upper one? The kernel has no such rings, but a dump may. */
  private rests(upper: Placed, lower: Placed): boolean {
    for (let at: Placed | undefined = lower; at; at = this.lowerOf(at.netns.name, at.iface.name))
      if (at.iface === upper.iface) return true
    return false
  }

  lowerOf(netns: string, iface: string): Placed | undefined {
    return this.lowers.get(placeKey(netns, iface))
  }
  uppersOf(netns: string, iface: string): readonly Placed[] {
    return this.uppers.get(placeKey(netns, iface)) ?? []
  }
}

/**
 * `eth0.5@eth0` names its lower device, `eth0@if2` the index that it has in another namespace of the machine: the
 * machine's own as a rule, since container networks put their devices on its uplink.
 */
function lowerOf(netns: Netns, iface: Iface, neighbours: readonly Netns[]): Placed | undefined {
  const { linkIndex, linkNetns } = iface
  if (linkIndex === undefined) return undefined
  const at = (there: Netns): Placed | undefined => {
    const lower = there.ifaces.find(i => i.index === linkIndex && i !== iface && i.kind !== 'loopback')
    return lower && { netns: there, iface: lower }
  }
  if (!iface.linkElsewhere) return at(netns)
  const others = neighbours.filter(n => n !== netns)
  const named = linkNetns === undefined ? undefined : others.find(n => n.folder === linkNetns)
  for (const there of named ? [named] : others.toSorted((a, b) => Number(b.isHost) - Number(a.isHost))) {
    const lower = at(there)
    if (lower) return lower
  }
  return undefined
}
