import type { Iface } from '../model/iface.js'
import type { Packet } from '../model/packet.js'
import { isMulticast } from '../run/here.js'
import type { Ip } from '../values/ip.js'
import type { Truth } from '../xtables/extension.js'
import { isSolicitedNode, solicitedNode } from './link-scope.js'
import type { Space } from './space.js'

/** ip_mc_up() joins it on every device; so does ipv6_dev_mc_inc() in ipv6_add_dev(). */
const OF_ALL: ReadonlySet<string> = new Set(['224.0.0.1', 'ff01::1', 'ff02::1'])
/** dev_forward_change(): joined by devices that IPv6 forwards by. */
const OF_ROUTERS: ReadonlySet<string> = new Set(['ff01::2', 'ff02::2', 'ff05::2'])

/**
 * ip_check_mc_rcu(), ipv6_chk_mcast_addr(): is a device in a group? The kernel itself joins those of all hosts, of routers,
 * and of addresses: its own, and those it speaks for. Which ones programs have joined a dump does not tell.
 */
export function membership(space: Space, dev: string, group: Ip): Truth {
  if (OF_ALL.has(group)) return true
  if (OF_ROUTERS.has(group)) return space.routes6(dev)
  if (!isSolicitedNode(group)) return 'unknown'
  const addresses = space.iface(dev)?.addresses ?? []
  return (
    addresses.some(a => a.family === 'ipv6' && solicitedNode(a.address) === group) ||
    space.netns.neighbours.some(n => n.proxy && n.dev === dev && solicitedNode(n.address) === group)
  )
}

/** A datagram to a group. Questions about neighbours find their own way. */
export const isForGroup = ({ dst, icmp }: Packet): boolean => isMulticast(dst) && icmp?.target === undefined

/** Devices whose copies of frames for groups are not simulated (macvlan_broadcast(), ipvlan_multicast_enqueue()). */
export const GROUPLESS: ReadonlySet<string> = new Set(['macvlan', 'ipvlan'])
export const groupless = ({ name, kind }: Iface): string =>
  `${name}: datagrams to groups over ${kind} devices are not simulated`
