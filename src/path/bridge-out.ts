import { floodPorts, lookupFdb } from '../bridge/fdb.js'
import { note } from '../run/here.js'
import { room } from './room.js'

/** A packet of this machine goes out through a bridge. */
export const bridgeOut = room({
  name: 'bridge-out',
  says: 'a packet of the machine itself goes out through a bridge: one port, or all',
  kernel: 'br_dev_xmit() (net/bridge/br_device.c)',
  doors: ['bridge-forward'],
  enter(skb, here, dev) {
    const bridge = here.space.iface(dev)!
    const mac = skb.packet.eth?.dst
    // what was routed is no bridged frame any more: the tables have had it as IP
    const { bridgeNf: _, port: __, ...routed } = skb
    const found = mac === undefined ? undefined : lookupFdb(here, bridge, mac)
    if (found && !found.local) {
      note(here, {
        kind: 'bridge',
        bridge: bridge.name,
        action: 'forward',
        port: found.port,
        because: `${mac} is on ${found.port}`,
      })
      return { to: 'bridge-forward', skb: routed, dev: found.port }
    }
    note(here, {
      kind: 'bridge',
      bridge: bridge.name,
      action: 'flood',
      because: `no port is known for ${mac}`,
    })
    const ports = floodPorts(here, bridge, mac, undefined)
    return ports.length > 0
      ? { each: ports.map(port => ({ to: 'bridge-forward' as const, skb: routed, dev: port })) }
      : { dropped: 'X_NO_PEER', because: `${bridge.name} has no port` }
  },
})
