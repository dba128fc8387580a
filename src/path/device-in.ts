import type { Iface } from '../model/iface.js'
import { type Here, note } from '../run/here.js'
import { capture } from '../run/capture.js'
import { ipvlanHolder } from '../run/ipvlan.js'
import { packetSummary } from '../skb/packet-summary.js'
import type { Skb } from '../skb/skb.js'
import { GROUPLESS, groupless, isForGroup } from '../world/groups.js'
import { vrfOf } from '../world/kinds.js'
import { groupOf, isGroupMac } from '../values/mac.js'
import { type Next, room } from './room.js'

/** A frame arrives: does it belong to a bridge or to IP? */
export const deviceIn = room({
  name: 'device-in',
  says: 'a frame arrives: for a bridge, or for IP?',
  kernel:
    '__netif_receive_skb_core() (net/core/dev.c), eth_type_trans(), vlan_do_receive(), macvlan_handle_frame(), ipvlan_handle_frame()',
  doors: ['bridge-in', 'ip-in', 'device-in'],
  enter(skb, here, dev) {
    const iface = here.space.iface(dev)
    if (!iface) return { dropped: 'X_NO_PEER', because: `${here.space.name} has no device ${dev}` }
    note(here, { kind: 'hop', iface: dev, packet: packetSummary(skb.packet) })
    capture(here, dev, 'In', skb.packet)
    if (!iface.up) return { dropped: 'IFACE_DOWN', because: `${dev} is down` }
    const above = toUpper(skb, here, iface)
    if (above) return above
    if (here.space.bridgeOf(iface)) return { to: 'bridge-in', skb: { ...skb, dev }, dev }
    const { eth } = skb.packet
    if (eth?.vlan !== undefined)
      return { dropped: 'X_IGNORED', because: `no device on ${dev} is for VLAN ${eth.vlan}` }
    const vrf = vrfOf(here.space, iface)
    if (vrf) return { unknown: `${dev} belongs to the vrf ${vrf.name}: its routing table is not simulated` }
    let { pktType } = skb
    if (eth && iface.mac !== undefined && iface.kind !== 'loopback')
      pktType = !isGroupMac(eth.dst) && eth.dst !== iface.mac ? 'otherhost' : groupOf(eth.dst)
    else pktType = 'host'
    return { to: 'ip-in', skb: { ...skb, dev, pktType }, dev }
  },
})

/**
 * Devices on top of this one are asked first: vlan_do_receive() takes the tag off before any rx_handler sees the frame;
 * macvlan and ipvlan (and a bond over its slaves) are rx_handlers.
 */
function toUpper(skb: Skb, here: Here, iface: Iface): Next<'device-in'> | undefined {
  const { packet } = skb
  const { eth } = packet
  const { run, space } = here
  const uppers = run.world.uppersOf(space.name, iface.name)
  if (eth?.vlan !== undefined) {
    const upper = uppers.find(u => u.iface.kind === 'vlan' && u.iface.vlanId === eth.vlan && u.iface.up)
    if (!upper) return undefined
    const untagged = { ...skb, packet: { ...packet, eth: { src: eth.src, dst: eth.dst } } }
    return upper.netns === space.netns
      ? { to: 'device-in', skb: untagged, dev: upper.iface.name }
      : { cross: [{ netns: upper.netns.name, iface: upper.iface.name }], skb: untagged }
  }
  const master = space.iface(iface.master)
  if (master?.kind === 'physical' && master.up) return { to: 'device-in', skb, dev: master.name }
  if (!eth) return undefined
  if (isGroupMac(eth.dst)) {
    const deaf = isForGroup(packet) && uppers.find(u => GROUPLESS.has(u.iface.kind))
    return deaf ? { unknown: groupless(deaf.iface) } : undefined
  }
  const mac = uppers.find(u => u.iface.kind === 'macvlan' && u.iface.mac === eth.dst && u.iface.up)
  if (mac) return { cross: [{ netns: mac.netns.name, iface: mac.iface.name }], skb }
  const holder =
    eth.dst === iface.mac ? ipvlanHolder(run.world, { netns: space.netns, iface }, packet.dst) : undefined
  if (!holder) return undefined
  if (holder.iface.mode !== 'l2' && holder.iface.mode !== 'l3')
    return {
      unknown: `${holder.iface.name} in ${holder.netns.name}: receiving in ipvlan mode ${holder.iface.mode ?? '(not dumped)'} is not simulated`,
    }
  return { cross: [{ netns: holder.netns.name, iface: holder.iface.name }], skb }
}
