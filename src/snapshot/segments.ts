import { widthOf } from '../values/ip.js'
import type { Netns, Wire } from '../model/snapshot.js'
import { formatPrefix, networkOf } from '../values/prefix.js'
import { isStacked, Stack } from './stacked.js'
import { type End, endKey } from './veth-pairs.js'

/** Names that network cards have; a bridge port of another name whose peer is not dumped is some pod's. */
const CARD = /^(eth|en[ospx]|em|p\d+p|wl|ib|bond|team|uplink|ext)\w*/

/**
 * Joins what is left by the networks that addresses share: uplinks of nodes, outside hosts, ends whose switch was not
 * dumped. Each network that two namespaces lie in becomes one wire.
 */
export function segments(namespaces: readonly Netns[], taken: Set<string>): Wire[] {
  const byNetwork = new Map<string, End[]>()
  const stack = new Stack(namespaces)
  for (const netns of namespaces)
    for (const iface of netns.ifaces) {
      const end = { netns, iface }
      if (taken.has(endKey(end)) || !canBeUplink(end, stack, taken)) continue
      for (const key of networksThrough(end, stack)) {
        const list = byNetwork.get(key)
        if (list) list.push(end)
        else byNetwork.set(key, [end])
      }
    }
  return merged(byNetwork)
    .flatMap(byVlan)
    .flatMap(({ ends, networks }) => {
      if (new Set(ends.map(e => e.netns)).size < 2) return []
      for (const end of ends) taken.add(endKey(end))
      return {
        ends: ends.map(({ netns, iface }) => ({ netns: netns.name, iface: iface.name })),
        why: `addresses in ${networks.join(' and ')}`,
      }
    })
}

function canBeUplink({ netns, iface }: End, stack: Stack, taken: ReadonlySet<string>): boolean {
  if (!iface.up) return false
  if (iface.kind === 'veth' || iface.kind === 'physical')
    return iface.master === undefined || CARD.test(iface.name)
  if (!isStacked(iface)) return false
  // what lies on a device that we have goes out by it; a VLAN of an uplink is a network of its own, whatever carries it
  const lower = stack.lowerOf(netns.name, iface.name)
  if (!lower) return true
  return iface.kind === 'vlan' && lower.iface.kind !== 'bridge' && !taken.has(endKey(lower))
}

/** The networks of a device, and of the macvlan and ipvlan devices on it: they are on the same cable. */
function networksThrough(end: End, stack: Stack): string[] {
  const above = stack
    .uppersOf(end.netns.name, end.iface.name)
    .filter(({ iface }) => iface.kind === 'macvlan' || (iface.kind === 'ipvlan' && iface.mode === 'l2'))
  return [...new Set([end, ...above].flatMap(networksOf))]
}

/** Two different VLANs are two networks, even if the same addresses are used in both. */
function byVlan(group: { ends: End[]; networks: string[] }): { ends: End[]; networks: string[] }[] {
  const idOf = ({ iface }: End) => (iface.kind === 'vlan' ? iface.vlanId : undefined)
  const ids = new Set(group.ends.flatMap(end => idOf(end) ?? []))
  if (ids.size < 2) return [group]
  return [undefined, ...ids].map(id => ({
    ends: group.ends.filter(end => idOf(end) === id),
    networks: group.networks.map(n => (id === undefined ? n : `${n} of VLAN ${id}`)),
  }))
}

/** The networks that a device, or the bridge it is a port of, has addresses in; where there are host addresses only, the gateway. */
function networksOf({ netns, iface }: End): string[] {
  const master = iface.master === undefined ? undefined : netns.ifaces.find(i => i.name === iface.master)
  const addresses = [iface, ...(master ? [master] : [])]
    .flatMap(i => i.addresses)
    .filter(a => a.scope === 'global')
  const networks = addresses
    .filter(a => a.prefixLength < widthOf(a.family))
    .map(a =>
      formatPrefix({ base: networkOf({ base: a.address, length: a.prefixLength }), length: a.prefixLength }),
    )
  if (networks.length > 0 || addresses.length === 0) return [...new Set(networks)]
  const gateways = netns.routes.flatMap(r =>
    r.nexthops.filter(h => h.dev === iface.name).flatMap(h => h.via ?? []),
  )
  return [...new Set(gateways)].map(gateway => `the network of gateway ${gateway}`)
}

/** Ends that lie in several networks (IPv4 and IPv6) tie these together. */
function merged(byNetwork: ReadonlyMap<string, readonly End[]>): { ends: End[]; networks: string[] }[] {
  const groupOf = new Map<string, { ends: Map<string, End>; networks: string[] }>()
  const groups = new Set<{ ends: Map<string, End>; networks: string[] }>()
  for (const [network, ends] of byNetwork) {
    const group = { ends: new Map<string, End>(), networks: [network] }
    for (const end of ends) {
      const other = groupOf.get(endKey(end))
      if (other && other !== group && groups.delete(other)) {
        for (const [key, e] of other.ends) {
          group.ends.set(key, e)
          groupOf.set(key, group)
        }
        group.networks.unshift(...other.networks)
      }
      group.ends.set(endKey(end), end)
      groupOf.set(endKey(end), group)
    }
    groups.add(group)
  }
  return [...groups].map(g => ({ ends: [...g.ends.values()], networks: g.networks }))
}
