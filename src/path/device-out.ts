import { capture } from '../run/capture.js'
import { type Here, note } from '../run/here.js'
import { encapsulate } from '../run/encapsulate.js'
import { ipvlanOut } from '../run/ipvlan.js'
import type { Iface } from '../model/iface.js'
import type { Skb } from '../skb/skb.js'
import type { Placed } from '../snapshot/stacked.js'
import { GROUPLESS, groupless, isForGroup } from '../world/groups.js'
import { notSimulated } from '../world/kinds.js'
import { tooLongForLink } from '../run/mtu.js'
import { packetSummary } from '../skb/packet-summary.js'
import { macvlanSibling } from '../bridge/macvlan.js'
import { type Next, room } from './room.js'

/** Out by a device: over the cable, round the loop, into a bridge or a tunnel. */
export const deviceOut = room({
  name: 'device-out',
  says: 'out by a device: over the cable into the next namespace, round the loop, into a bridge or a tunnel',
  kernel:
    'dev_hard_start_xmit() (net/core/dev.c), veth_xmit(), loopback_xmit(), vxlan_xmit(), vlan_dev_hard_start_xmit(), macvlan_start_xmit(), ipvlan_start_xmit()',
  doors: ['device-in', 'bridge-out'],
  enter(skb, here, dev) {
    const { space, run } = here
    const iface = space.iface(dev)!
    capture(here, dev, 'Out', skb.packet)
    switch (iface.kind) {
      case 'loopback': {
        // the skb keeps its connection, mark and route
        const { inDev: _, bridgeNf: __, ...rest } = skb
        return { to: 'device-in', skb: { ...rest, pktType: 'host' }, dev }
      }
      case 'bridge':
        return { to: 'bridge-out', skb, dev }
      case 'vxlan':
      case 'ipip':
        return encapsulate(skb, iface, here)
      case 'dummy':
        return { dropped: 'X_IGNORED', because: `${dev} is a dummy device: it swallows what it is given` }
    }
    const ends = run.world.farEnds(space.name, dev)
    const lower = ends.length > 0 ? undefined : run.world.lowerOf(space.name, dev)
    if (lower) return throughLower(skb, here, iface, lower)
    const strange = ends.length > 0 ? undefined : notSimulated(space, iface)
    if (strange !== undefined) return { unknown: strange }
    note(here, {
      kind: 'transmit',
      iface: dev,
      packet: packetSummary(skb.packet),
      ...(ends[0] ? { to: `${ends[0].netns}:${ends[0].iface}` } : {}),
    })
    if (ends.length === 0)
      return {
        dropped: 'X_NO_PEER',
        because: `it leaves the snapshot by ${dev}: what is behind it was not dumped`,
      }
    const narrow = ends.find(end =>
      tooLongForLink(skb.packet, run.world.space(end.netns).iface(end.iface)?.mtu),
    )
    if (narrow && ends.length === 1)
      return {
        dropped: 'PKT_TOO_BIG',
        because: `it is longer than ${narrow.iface} in ${narrow.netns} takes, and a cable tells nobody`,
      }
    return { cross: ends, skb }
  },
})

/** Out by a device that lies on another one. */
function throughLower(skb: Skb, here: Here, iface: Iface, lower: Placed): Next<'device-in' | 'bridge-out'> {
  const { eth } = skb.packet
  const into = { into: lower.netns.name, room: 'device-out' as const, dev: lower.iface.name }
  const say = (to: string) => {
    note(here, { kind: 'transmit', iface: iface.name, packet: packetSummary(skb.packet), to })
  }
  if (GROUPLESS.has(iface.kind) && isForGroup(skb.packet)) return { unknown: groupless(iface) }
  if (!lower.iface.up)
    return { dropped: 'IFACE_DOWN', because: `${lower.iface.name}, which carries ${iface.name}, is down` }
  if (iface.kind === 'vlan') {
    if (iface.vlanId === undefined || eth?.vlan !== undefined)
      return {
        unknown: `${iface.name}: ${eth?.vlan === undefined ? 'its VLAN id was not dumped (ip -d addr)' : 'a tag in a tag is not simulated'}`,
      }
    say(`${lower.netns.name}:${lower.iface.name}, with the tag of VLAN ${iface.vlanId}`)
    return {
      ...into,
      skb: eth ? { ...skb, packet: { ...skb.packet, eth: { ...eth, vlan: iface.vlanId } } } : skb,
    }
  }
  if (iface.kind === 'ipvlan') return ipvlanOut(skb, here, iface, lower)
  const sibling =
    eth && macvlanSibling(here.run.world, { netns: here.space.name, iface: iface.name }, eth.dst)
  if (sibling) {
    say(`${sibling.netns}:${sibling.iface}, on the same ${lower.iface.name}`)
    return { cross: [sibling], skb }
  }
  say(`${lower.netns.name}:${lower.iface.name}`)
  return { ...into, skb }
}
