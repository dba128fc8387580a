import { note } from '../run/here.js'
import { capture } from '../run/capture.js'
import { packetSummary } from '../skb/packet-summary.js'
import { isGroupMac } from '../values/mac.js'
import { room } from './room.js'

/** A frame arrives: does it belong to a bridge or to IP? */
export const deviceIn = room({
  name: 'device-in',
  says: 'a frame arrives: for a bridge, or for IP?',
  kernel: '__netif_receive_skb_core() (net/core/dev.c), eth_type_trans()',
  doors: ['bridge-in', 'ip-in'],
  enter(skb, here, dev) {
    const iface = here.space.iface(dev)
    if (!iface) return { dropped: 'X_NO_PEER', because: `${here.space.name} has no device ${dev}` }
    note(here, { kind: 'hop', iface: dev, packet: packetSummary(skb.packet) })
    capture(here, dev, 'In', skb.packet)
    if (!iface.up) return { dropped: 'IFACE_DOWN', because: `${dev} is down` }
    if (here.space.bridgeOf(iface)) return { to: 'bridge-in', skb: { ...skb, dev }, dev }
    const { eth } = skb.packet
    let { pktType } = skb
    if (eth && iface.mac !== undefined && iface.kind !== 'loopback')
      pktType = isGroupMac(eth.dst)
        ? eth.dst === 'ff:ff:ff:ff:ff:ff'
          ? 'broadcast'
          : 'multicast'
        : eth.dst === iface.mac
          ? 'host'
          : 'otherhost'
    else pktType = 'host'
    return { to: 'ip-in', skb: { ...skb, dev, pktType }, dev }
  },
})
