import type { Iface } from '../model/iface.js'
import type { Here } from '../run/here.js'
import { failed } from '../routing/fib.js'
import { checkSource } from '../routing/validate-source.js'
import { familyOf, type Ip } from '../values/ip.js'
import type { Mac } from '../values/mac.js'
import { contains } from '../values/prefix.js'
import type { Space } from './space.js'
import { type Arrival, ask } from './segment.js'

/** An entry of the dump that is used without asking anybody: a permanent one. */
export const permanentEntry = (space: Space, dev: string, address: Ip): Mac | undefined =>
  entriesFor(space, dev, address).find(n => n.state === 'PERMANENT' || n.state === 'NOARP')?.mac

/** What the dump says where nobody in the snapshot answers. */
export const believedEntry = (space: Space, dev: string, address: Ip): Mac | undefined =>
  entriesFor(space, dev, address).find(n => n.state !== 'FAILED' && n.state !== 'INCOMPLETE')?.mac

const entriesFor = (space: Space, dev: string, address: Ip) =>
  space.netns.neighbours.filter(n => n.dev === dev && n.address === address && n.mac !== undefined)

/** Whoever on the segment would answer for an address, over cables and bridges; rules are not asked. */
export function answerer(
  { run, space }: Here,
  iface: Iface,
  address: Ip,
  sender: Ip | undefined,
): Arrival | undefined {
  return ask(run.world, space, iface, answering => answers(answering.space, answering.iface, address, sender))
}

/** arp_solicit(): the address that a question is asked from, which its answer depends on. */
export function arpSource(space: Space, dev: string, target: Ip, source: Ip): Ip | undefined {
  const own = space.fib('ipv4').addressType(source) === 'local'
  const onLink = (a: Iface['addresses'][number]) =>
    contains({ base: a.address, length: a.prefixLength }, target) &&
    contains({ base: a.address, length: a.prefixLength }, source)
  const announce = space.maxConf(dev, 'arp_announce')
  if (own && (announce === 0 || (announce === 1 && space.iface(dev)?.addresses.some(onLink)))) return source
  return space.selectAddress(dev, target, 'ipv4', 'link')
}

/** arp_process(), arp_ignore(): would this device answer for the address? */
function answers(space: Space, iface: Iface, address: Ip, sender: Ip | undefined): boolean {
  if (!iface.up || iface.noarp) return false
  const family = familyOf(address)
  if (family === 'ipv6') return answersDiscovery(space, iface, address)
  const own = iface.addresses.find(a => a.address === address)
  if (space.fib('ipv4').addressType(address) === 'local' || own) {
    if (!mayAsk(space, iface, address, sender, 'lo')) return false
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
  return speaksFor(space, iface, address, sender)
}

/** arp_process() routes the question first, as a packet from the asker: a martian, or what rp_filter refuses, gets no answer. */
const mayAsk = (space: Space, iface: Iface, dst: Ip, sender: Ip | undefined, out: string): boolean =>
  sender === undefined || checkSource(space, iface.name, { src: sender, dst, mark: 0 }, out).ok

/** arp_fwd_proxy(), arp_fwd_pvlan(), pneigh_lookup(): who would lead such a packet on answers for those behind it, if told to. */
function speaksFor(space: Space, iface: Iface, address: Ip, sender: Ip | undefined): boolean {
  if (!space.forwards(iface.name, 'ipv4')) return false
  const answer = space.fib('ipv4').lookup({
    ...(sender === undefined ? {} : { src: sender }),
    ...{ dst: address, mark: 0, iif: iface.name },
  })
  if (failed(answer) || answer.route.type !== 'unicast') return false
  const out = answer.nexthop?.dev
  if (out === undefined || !mayAsk(space, iface, address, sender, out)) return false
  if (out === iface.name)
    return space.number(`net.ipv4.conf.${iface.name}.proxy_arp_pvlan`) !== 0 && sender !== address
  return (
    space.orConf(iface.name, 'proxy_arp') ||
    space.netns.neighbours.some(n => n.proxy && n.address === address && n.dev === iface.name)
  )
}

/** ndisc_recv_ns(): for an address of this very device, or one that it speaks for. */
export const answersDiscovery = (space: Space, iface: Iface, address: Ip): boolean =>
  iface.addresses.some(a => a.address === address && !a.tentative) || proxiesNdp(space, iface, address)

/** A router answers for others where it was told to, address by address (`ip -6 neigh add proxy`). */
const proxiesNdp = (space: Space, iface: Iface, address: Ip): boolean =>
  ['all', iface.name].some(dev => space.number(`net.ipv6.conf.${dev}.proxy_ndp`) !== 0) &&
  space.number(`net.ipv6.conf.${iface.name}.forwarding`) !== 0 &&
  space.netns.neighbours.some(n => n.proxy && n.address === address && n.dev === iface.name)
