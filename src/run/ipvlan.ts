import type { Iface } from '../model/iface.js'
import { multipath, noRoute, routeOutput } from '../routing/output.js'
import type { Next } from '../path/room.js'
import type { RouteResult, Skb } from '../skb/skb.js'
import type { Placed } from '../snapshot/stacked.js'
import type { Ip } from '../values/ip.js'
import type { World } from '../world/world.js'
import { type Here, hereOf, note } from './here.js'

/** ipvlan_addr_lookup(): all devices on a lower one share its MAC address, so the IP address tells them apart. */
export const ipvlanHolder = (world: World, lower: Placed, address: Ip): Placed | undefined =>
  world
    .uppersOf(lower.netns.name, lower.iface.name)
    .find(
      ({ iface }) => iface.kind === 'ipvlan' && iface.up && iface.addresses.some(a => a.address === address),
    )

/**
 * ipvlan_queue_xmit() (drivers/net/ipvlan/ipvlan_core.c). l2: frames for the shared MAC address go to whoever holds the IP
 * address, or up into the machine; others leave by the lower device. l3, l3s: the machine routes the packet, and its
 * OUTPUT and POSTROUTING see it.
 */
export function ipvlanOut(skb: Skb, here: Here, iface: Iface, lower: Placed): Next<never> {
  const { run } = here
  const { packet } = skb
  const below = { into: lower.netns.name, dev: lower.iface.name } as const
  const same = iface.mode === 'l3' || iface.mode === 'l3s' || packet.eth?.dst === packet.eth?.src
  if (iface.mode === undefined)
    return { unknown: `${iface.name}: the mode of an ipvlan device was not dumped (ip -d addr)` }
  if (same && iface.modeFlag !== 'vepa') {
    const holder = ipvlanHolder(run.world, lower, packet.dst)
    if (holder && iface.modeFlag === 'private')
      return {
        dropped: 'X_IGNORED',
        because: `${iface.name} is private: its neighbours on ${lower.iface.name} are out of reach`,
      }
    if (holder) {
      note(here, {
        kind: 'transmit',
        iface: iface.name,
        packet: `to ${packet.dst}`,
        to: `${holder.netns.name}:${holder.iface.name}, on the same ${lower.iface.name}`,
      })
      return { cross: [{ netns: holder.netns.name, iface: holder.iface.name }], skb }
    }
  }
  if (iface.mode === 'l2') {
    if (same && iface.modeFlag !== 'vepa')
      return { cross: [{ netns: lower.netns.name, iface: lower.iface.name }], skb }
    return { ...below, room: 'device-out', skb }
  }
  const there = hereOf(run, lower.netns.name, here.trace)
  const found = routeOutput(
    there.space,
    {
      dst: packet.dst,
      src: packet.src,
      anySource: true,
      oif: lower.iface.name,
      mark: skb.mark,
      proto: packet.proto,
    },
    multipath(there),
  )
  if (noRoute(found) && found.error !== 'ENETUNREACH')
    return { dropped: 'IP_OUTNOROUTES', because: `${there.space.name}: ${found.because}` }
  // ip_route_output_key_hash_rcu(): with the device given, a destination without a route is taken to be on its link
  const route: RouteResult = noRoute(found)
    ? { type: 'unicast', dev: lower.iface.name, src: packet.src }
    : found.route
  note(there, {
    kind: 'route',
    to: packet.dst,
    result: 'out',
    dev: route.dev,
    ...(route.via === undefined ? {} : { via: route.via }),
    because: `an ipvlan device in mode ${iface.mode} lets its machine route`,
  })
  const { ct: _, ...rest } = skb
  return {
    into: lower.netns.name,
    dev: route.dev,
    room: 'local-out',
    skb: { ...rest, route, noSocket: true },
  }
}
