import { capture } from '../run/capture.js'
import { note } from '../run/here.js'
import { encapsulate } from '../run/encapsulate.js'
import { packetSummary } from '../skb/packet-summary.js'
import { room } from './room.js'

/** Out by a device: over the cable, round the loop, into a bridge or a tunnel. */
export const deviceOut = room({
  name: 'device-out',
  says: 'out by a device: over the cable into the next namespace, round the loop, into a bridge or a tunnel',
  kernel: 'dev_hard_start_xmit() (net/core/dev.c), veth_xmit(), loopback_xmit(), vxlan_xmit()',
  doors: ['device-in', 'bridge-out'],
  enter(skb, here, dev) {
    const { space, run } = here
    const iface = space.iface(dev)!
    capture(here, dev, 'Out', skb.packet)
    switch (iface.kind) {
      case 'loopback': {
        // the skb keeps its connection and mark, and its route is the local one already
        const { route: _, inDev: __, bridgeNf: ___, ...rest } = skb
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
    return { cross: ends, skb }
  },
})
