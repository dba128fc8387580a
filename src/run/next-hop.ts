import type { Next, RoomName } from '../path/room.js'
import type { Skb } from '../skb/skb.js'
import { familyOf, type Ip } from '../values/ip.js'
import { type Mac, multicastMac } from '../values/mac.js'
import { answerer, arpSource, believedEntry, permanentEntry } from '../world/neighbour.js'
import { learnPath } from '../world/segment.js'
import { PROBES, RETRANS, solicit, whatBecameOf } from './discovery.js'
import { type Here, isMulticast } from './here.js'
import { ICMP, sendIcmpError } from './icmp-error.js'
import { hearAsker } from './neighbours.js'

/** Seconds until ARP gives up: three probes, a second apart. */
const ARP_PATIENCE = 3

/** A packet that needs the MAC address of its next hop, and how it goes on with it. */
interface Waiting<Door extends RoomName> {
  readonly skb: Skb
  readonly here: Here
  readonly dev: string
  readonly address: Ip
  readonly on: (mac: Mac) => Next<Door>
}

/**
 * neigh_resolve_output(): on with the MAC address of the next hop, at once or when somebody has told it. A permanent entry
 * counts; otherwise the question goes out, and whoever would answer it is found.
 */
export function withNextHop<Door extends RoomName>(
  skb: Skb,
  here: Here,
  dev: string,
  address: Ip,
  on: (mac: Mac) => Next<Door>,
): Next<Door> {
  if (isMulticast(address)) return on(multicastMac(address))
  const fixed = permanentEntry(here.space, dev, address)
  if (fixed !== undefined) return on(fixed)
  const waiting = { skb, here, dev, address, on }
  return familyOf(address) === 'ipv4' ? byArp(waiting) : byDiscovery(waiting)
}

const nobody = (dev: string, address: Ip): string => `nobody on ${dev} answers for ${address}`

/** arp_solicit(), arp_error_report(); who is asked learns who asks (arp_process(): neigh_event_ns()). No table of iptables sees ARP. */
function byArp<Door extends RoomName>({ skb, here, dev, address, on }: Waiting<Door>): Next<Door> {
  const { run, space, state } = here
  const heard = state.neighbours.macOf(dev, address)
  if (heard !== undefined) return on(heard)
  const iface = space.iface(dev)!
  const sender = arpSource(space, dev, address, skb.packet.src)
  const found = answerer(here, iface, address, sender)
  if (found) {
    learnPath(here, found, iface)
    if (sender !== undefined && iface.mac !== undefined)
      hearAsker(run, found.space, found.iface.name, sender, iface.mac)
  }
  const mac = found ? found.iface.mac : believedEntry(space, dev, address)
  if (mac !== undefined) return on(mac)
  run.after(ARP_PATIENCE, () => tellUnreachable(skb, here, nobody(dev, address)))
  return { dropped: 'NEIGH_FAILED', because: nobody(dev, address) }
}

const tellUnreachable = (skb: Skb, here: Here, because: string): void =>
  sendIcmpError(skb, ICMP[skb.packet.family]['host-unreachable'], here, because)

/** ndisc_solicit(), ndisc_error_report(): question and answer are packets, and rules may drop them. */
function byDiscovery<Door extends RoomName>({ skb, here, dev, address, on }: Waiting<Door>): Next<Door> {
  const { run, space, state } = here
  const cache = state.neighbours
  const told = cache.macOf(dev, address)
  if (told !== undefined) return on(told)
  const iface = space.iface(dev)!
  const found = answerer(here, iface, address, undefined)
  const believed = believedEntry(space, dev, address)
  // what is valid in the dump is used; whether it still is, is asked seconds later
  if (believed !== undefined && (!found || found.iface.mac === believed)) {
    if (found) learnPath(here, found, iface)
    return on(believed)
  }
  const from = run.trail.packets.length
  if (!cache.isAsked(dev, address)) {
    cache.ask(dev, address)
    const probe = () => solicit(here, iface, address, skb, found)
    probe()
    const known = cache.macOf(dev, address)
    if (known !== undefined) return on(known)
    for (let n = 1; n < PROBES; n++)
      run.after(n * RETRANS, () => {
        if (cache.isAsked(dev, address)) probe()
      })
    run.after(PROBES * RETRANS, () => {
      if (cache.isAsked(dev, address)) cache.giveUp(dev, address)
    })
  }
  return {
    waits: resume =>
      cache.wait(dev, address, mac => {
        if (mac !== undefined) {
          resume(on(mac))
          return
        }
        const because = `${nobody(dev, address)}${whatBecameOf(run, address, from)}`
        tellUnreachable(skb, here, because)
        resume({ dropped: 'NEIGH_FAILED', because })
      }),
  }
}
