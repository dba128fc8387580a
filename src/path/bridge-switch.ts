import { floodPorts, lookupFdb } from '../bridge/fdb.js'
import { capture } from '../run/capture.js'
import { note } from '../run/here.js'
import { groupOf, isGroupMac } from '../values/mac.js'
import { type Next, room } from './room.js'

/** Up to IP, out by a port, or flooded: the MAC address decides. */
export const bridgeSwitch = room({
  name: 'bridge-switch',
  says: 'the MAC address decides: up to IP, out by one port, or flooded to all',
  kernel: 'br_handle_frame_finish() (net/bridge/br_input.c)',
  doors: ['bridge-forward', 'ip-in', 'device-in'],
  enter(skb, here, dev) {
    const bridge = here.space.bridgeOf(here.space.iface(dev)!)!
    const mac = skb.packet.eth?.dst
    const up = (
      because: string,
      pktType: 'host' | 'broadcast' | 'multicast',
    ): Next<'ip-in' | 'device-in'> => {
      note(here, { kind: 'bridge', bridge: bridge.name, action: 'up', because })
      // br_pass_frame_up(): to what lies on the bridge, as to what lies on any device
      if (skb.packet.eth?.vlan !== undefined) return { to: 'device-in', skb, dev: bridge.name }
      capture(here, bridge.name, 'In', skb.packet)
      return { to: 'ip-in', skb: { ...skb, dev: bridge.name, inDev: bridge.name, pktType }, dev: bridge.name }
    }
    if (mac === undefined) return up('it has no Ethernet header', 'host')
    const found = lookupFdb(here, bridge, mac)
    if (found?.local) return up(`${mac} is ${bridge.name}'s own: up to IP`, 'host')
    if (found) {
      note(here, {
        kind: 'bridge',
        bridge: bridge.name,
        action: 'forward',
        port: found.port,
        because: `${mac} is on ${found.port}`,
      })
      return { to: 'bridge-forward', skb, dev: found.port }
    }
    const ports = floodPorts(here, bridge, mac, dev)
    note(here, {
      kind: 'bridge',
      bridge: bridge.name,
      action: 'flood',
      because: isGroupMac(mac) ? `${mac} is a group address` : `no port is known for ${mac}`,
    })
    const copies: Next<'bridge-forward' | 'ip-in' | 'device-in'>[] = ports.map(port => ({
      to: 'bridge-forward',
      skb,
      dev: port,
    }))
    if (isGroupMac(mac)) copies.push(up(`${mac} is for the bridge as well`, groupOf(mac)))
    return copies.length > 0
      ? { each: copies }
      : { dropped: 'X_BRIDGE_SAME_PORT', because: `${bridge.name} has no other port to send it out by` }
  },
})
