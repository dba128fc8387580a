import { note } from '../run/here.js'
import { withNextHop } from '../run/next-hop.js'
import { BROADCAST_MAC, type Mac } from '../values/mac.js'
import { notSimulated } from '../world/kinds.js'
import { type Next, room } from './room.js'

/** Which MAC address has the next hop? */
export const neighbour = room({
  name: 'neighbour',
  says: 'which MAC address has the next hop? ARP or neighbour discovery',
  kernel: 'ip_finish_output2() (net/ipv4/ip_output.c), neigh_resolve_output(), arp_error_report()',
  doors: ['device-out'],
  enter(skb, here, dev) {
    const iface = here.space.iface(dev)
    if (!iface) return { dropped: 'IFACE_DOWN', because: `there is no device ${dev}` }
    if (!iface.up) return { dropped: 'IFACE_DOWN', because: `${dev} is down` }
    // devices without ARP: nothing to resolve
    if (
      iface.kind === 'loopback' ||
      iface.kind === 'ipip' ||
      iface.kind === 'dummy' ||
      (iface.noarp && iface.kind !== 'vxlan' && !iface.mac)
    )
      return { to: 'device-out', skb, dev }
    const address = skb.route?.via ?? skb.packet.dst
    const strange = notSimulated(here.space, iface)
    if (strange !== undefined && here.run.world.farEnds(here.space.name, dev).length === 0)
      return { unknown: strange }
    // arp_constructor(), ndisc_constructor(): without ARP everybody has the device's own address (ipvlan in mode l3)
    if (iface.noarp && iface.kind === 'ipvlan' && iface.mac)
      return {
        to: 'device-out',
        skb: { ...skb, packet: { ...skb.packet, eth: { src: iface.mac, dst: iface.mac } } },
        dev,
      }
    const leave = (mac: Mac): Next<'device-out'> => {
      here.state.neighbours.headerReady(dev, address)
      note(here, { kind: 'neighbour', address, dev, mac, because: `${address} is at ${mac}` })
      const framed = { ...skb, packet: { ...skb.packet, eth: { src: iface.mac ?? mac, dst: mac } } }
      return skb.straightTo
        ? { cross: [skb.straightTo], skb: framed }
        : { to: 'device-out', skb: framed, dev }
    }
    return skb.route?.type === 'broadcast'
      ? leave(BROADCAST_MAC)
      : withNextHop(skb, here, dev, address, leave)
  },
})
