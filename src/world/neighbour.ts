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
 * entry of the dump is believed. Bridges on the way learn both addresses, and who is asked learns who asks
 * (arp_process(): neigh_event_ns()).
 * @param source of the packet that waits for the answer
 */
export function resolveNeighbour(here: Here, dev: string, address: Ip, source: Ip): Mac | undefined {
  const { space } = here
  const entries = space.netns.neighbours.filter(
    n => n.dev === dev && n.address === address && n.mac !== undefined,
  )
  const fixed = entries.find(n => n.state === 'PERMANENT' || n.state === 'NOARP')
  if (fixed) return fixed.mac
  const iface = space.iface(dev)
  if (!iface) return undefined
  const heard = known(here, space.name).asked.get(`${dev} ${address}`)
  if (heard !== undefined) return heard
  const sender = arpSource(space, dev, address, source)
  const found = ask(here.run.world, space, iface, answering =>
    answers(answering.space, answering.iface, address, sender),
  )
  if (found) {
    learnPath(here, found, iface)
    const there = known(here, found.space.name)
    const asker = `${found.iface.name} ${sender}`
    if (sender !== undefined && iface.mac !== undefined && !there.headers.has(asker))
      there.asked.set(asker, iface.mac)
    return found.iface.mac
  }
  return entries.find(n => n.state !== 'FAILED' && n.state !== 'INCOMPLETE')?.mac
}

/** What a device has learned of neighbours in this run. */
interface Known {
  /** NUD_STALE, then NUD_DELAY: they asked, and have not been asked back yet (delay_first_probe_time). */
  readonly asked: Map<string, Mac>
  /** neigh->hh: frames' headers that are kept ready. */
  readonly headers: Set<string>
}
const known = (here: Here, netns: string): Known =>
  here.run.of(netns).memory.get('neighbours', () => ({ asked: new Map(), headers: new Set() }))

/**
 * neigh_hh_init(): with the first packet to a neighbour its frame's header is kept ready for the next ones; of one that
 * has asked us itself it is not used before that is confirmed (neigh_output(): NUD_CONNECTED).
 * @returns whether it was ready before
 */
export function headerReady(here: Here, dev: string, address: Ip): boolean {
  const { asked, headers } = known(here, here.space.name)
  const key = `${dev} ${address}`
  const before = headers.has(key) && !asked.has(key)
  headers.add(key)
  return before
}

/** arp_solicit(): the address that a question is asked from, which its answer depends on. */
function arpSource(space: Space, dev: string, target: Ip, source: Ip): Ip | undefined {
  const family = familyOf(target)
  const own = space.fib(family).addressType(source) === 'local'
  const onLink = (a: Iface['addresses'][number]) =>
    contains({ base: a.address, length: a.prefixLength }, target) &&
    contains({ base: a.address, length: a.prefixLength }, source)
  const announce = family === 'ipv4' ? space.maxConf(dev, 'arp_announce') : 0
  if (own && (announce === 0 || (announce === 1 && space.iface(dev)?.addresses.some(onLink)))) return source
  return space.selectAddress(dev, target, family, 'link')
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
