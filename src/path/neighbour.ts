import { note } from '../run/here.js'
import { ICMP, sendIcmpError } from '../run/icmp-error.js'
import { ARP_PATIENCE, headerReady, resolveNeighbour } from '../world/neighbour.js'
import { notSimulated } from '../world/kinds.js'
import { room } from './room.js'

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
    const mac =
      skb.route?.type === 'broadcast'
        ? ('ff:ff:ff:ff:ff:ff' as typeof iface.mac)
        : resolveNeighbour(here, dev, address, skb.packet.src)
    if (mac === undefined) {
      const { run } = here
      run.after(ARP_PATIENCE, () =>
        sendIcmpError(
          skb,
          ICMP[skb.packet.family]['host-unreachable'],
          here,
          `nobody answered for ${address} on ${dev}`,
        ),
      )
      return { dropped: 'NEIGH_FAILED', because: `nobody on ${dev} answers for ${address}` }
    }
    headerReady(here, dev, address)
    note(here, { kind: 'neighbour', address, dev, mac, because: `${address} is at ${mac}` })
    const src = iface.mac ?? mac
    return { to: 'device-out', skb: { ...skb, packet: { ...skb.packet, eth: { src, dst: mac } } }, dev }
  },
})
