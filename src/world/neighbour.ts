import type { Iface } from '../model/iface.js'
import type { Here } from '../run/here.js'
import { failed } from '../routing/fib.js'
import { checkSource } from '../routing/validate-source.js'
import { familyOf, type Ip } from '../values/ip.js'
import type { Mac } from '../values/mac.js'
import { contains } from '../values/prefix.js'
import type { Space } from './space.js'
import { ask, learnPath } from './segment.js'

/** Seconds until ARP or neighbour discovery gives up: three probes, a second apart. */
export const ARP_PATIENCE = 3

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
  const sender = space.selectAddress(dev, address, family, 'link')
  const found = ask(here.run.world, space, iface, answering =>
    answers(answering.space, answering.iface, address, sender),
  )
  if (found) {
    learnPath(here, found, iface)
    return found.iface.mac
  }
  return entries.find(n => n.state !== 'FAILED' && n.state !== 'INCOMPLETE')?.mac
}

/** arp_process(), arp_ignore(), proxy_arp; ndisc_recv_ns(): would this device answer for the address? */
function answers(space: Space, iface: Iface, address: Ip, sender: Ip | undefined): boolean {
  if (!iface.up || iface.noarp) return false
  const family = familyOf(address)
  const own = iface.addresses.find(a => a.address === address && !a.tentative)
  if (family === 'ipv6') return own !== undefined || proxiesNdp(space, iface, address)
  // arp_process() routes the question first: a martian, or one that rp_filter refuses, gets no answer
  if (sender !== undefined && !checkSource(space, iface.name, { src: sender, dst: address, mark: 0 }).ok)
    return false
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

/** ndisc_recv_ns(): a router answers for others where it was told to, address by address (`ip -6 neigh add proxy`). */
const proxiesNdp = (space: Space, iface: Iface, address: Ip): boolean =>
  ['all', iface.name].some(dev => space.number(`net.ipv6.conf.${dev}.proxy_ndp`) !== 0) &&
  space.number(`net.ipv6.conf.${iface.name}.forwarding`) !== 0 &&
  space.netns.neighbours.some(n => n.proxy && n.address === address && n.dev === iface.name)
