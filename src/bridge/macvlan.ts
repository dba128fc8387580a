import type { Iface } from '../model/iface.js'
import type { Mac } from '../values/mac.js'
import type { End, World } from '../world/world.js'

/** macvlan_newlink(): a device that is made without a mode is a VEPA one; a dump without -d doesn't tell. */
export const macvlanMode = (iface: Iface): string => iface.mode ?? 'bridge'

/**
 * macvlan_queue_xmit(): devices in bridge mode on one lower device reach each other at once. The lower device
 * itself is not among them: what is for it leaves by the cable, so a machine and its own macvlan pods never meet.
 */
export function macvlanSibling(world: World, from: End, mac: Mac): End | undefined {
  const own = world.space(from.netns).iface(from.iface)
  if (!own || macvlanMode(own) !== 'bridge') return undefined
  return siblings(world, from).find(end => {
    const iface = world.space(end.netns).iface(end.iface)
    return iface?.mac === mac && iface.up && macvlanMode(iface) === 'bridge'
  })
}

/** The other devices on the same lower device. */
export function siblings(world: World, of: End): readonly End[] {
  const lower = world.lowerOf(of.netns, of.iface)
  if (!lower) return []
  return world
    .uppersOf(lower.netns.name, lower.iface.name)
    .map(({ netns, iface }) => ({ netns: netns.name, iface: iface.name }))
    .filter(end => end.netns !== of.netns || end.iface !== of.iface)
}
