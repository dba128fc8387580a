import { bridgeNfKey } from '../values/tool.js'
import { learn } from '../bridge/fdb.js'
import { runHook } from '../netfilter/run-hook.js'
import { routeInput } from '../routing/input.js'
import { capture } from '../run/capture.js'
import type { Iface } from '../model/iface.js'
import { type Here, note } from '../run/here.js'
import { withNextHop } from '../run/next-hop.js'
import { groupOf } from '../values/mac.js'
import { leave } from './leave.js'
import type { Skb } from '../skb/skb.js'
import { type Next, room } from './room.js'

/** A frame at a bridge port: learning, and with br_netfilter the tables' PREROUTING before the bridge decides. */
export const bridgeIn = room({
  name: 'bridge-in',
  says: 'a bridge port: MAC learning; with bridge-nf-call-iptables the PREROUTING of IP is called from here',
  kernel: 'br_handle_frame() (net/bridge/br_input.c), br_nf_pre_routing() (br_netfilter_hooks.c)',
  doors: ['bridge-switch'],
  enter(skb, here, dev) {
    const { space } = here
    const port = space.iface(dev)!
    const bridge = space.bridgeOf(port)!
    if (port.bridgePort && port.bridgePort.state !== 'forwarding')
      return { dropped: 'IFACE_DOWN', because: `${dev} is ${port.bridgePort.state} on ${bridge.name}` }
    if (!bridge.up) return { dropped: 'IFACE_DOWN', because: `the bridge ${bridge.name} is down` }
    const frame = { ...skb, port: dev }
    if (skb.packet.eth) learn(here, bridge, port, skb.packet.eth.src)
    const { family, eth: header } = skb.packet
    const vlan = header?.vlan
    if (vlan !== undefined && bridge.vlanFiltering)
      return {
        unknown: `${bridge.name} in ${space.name} filters VLANs (vlan_filtering 1): which ports are in VLAN ${vlan} was not dumped`,
      }
    // br_nf_pre_routing(): a tagged frame is no IP packet to it, unless told otherwise
    if (vlan !== undefined && space.number('net.bridge.bridge-nf-filter-vlan-tagged') === 0)
      return { to: 'bridge-switch', skb: frame, dev }
    if (!space.bridgeNf(bridge, family)) {
      note(here, {
        kind: 'hook-skipped',
        hook: 'PREROUTING',
        because:
          space.sysctl('net.bridge.bridge-nf-call-iptables') === undefined
            ? 'br_netfilter is not loaded: no table sees what the bridge only forwards'
            : `${bridgeNfKey(family)} is 0: no table sees what the bridge only forwards`,
      })
      return { to: 'bridge-switch', skb: frame, dev }
    }
    const before = skb.packet.dst
    const shown = {
      ...frame,
      // a frame for another host is shown as one for this
      pktType: groupOf(skb.packet.eth?.dst),
      inDev: bridge.name,
      bridgeNf: { physIn: dev, inPrerouting: true, sabotaged: false, bridge: bridge.name },
    }
    const result = runHook(shown, { hook: 'PREROUTING', in: bridge.name, bridged: true, here })
    if (result.verdict !== 'ACCEPT') return leave(result)
    const after = result.skb
    if (after.packet.dst === before) return { to: 'bridge-switch', skb: after, dev }

    return redirected(after, here, bridge, dev)
  },
})

/** br_nf_pre_routing_finish(): the destination is another one now, so the frame needs another MAC address. */
function redirected(after: Skb, here: Here, bridge: Iface, dev: string): Next<'bridge-switch'> {
  const route = routeInput(after, bridge.name, here)
  if ('drop' in route && !route.later)
    return { dropped: route.drop, because: `after DNAT on the bridge: ${route.because}` }
  const eth = after.packet.eth ?? { src: bridge.mac!, dst: bridge.mac! }
  if (!('drop' in route) && route.to === 'forward' && route.route.dev === bridge.name) {
    // br_nf_pre_routing_finish_bridge() asks as for a packet of its own, so the sender hears of it if nobody answers
    const routed = { ...after, route: route.route }
    const address = route.route.via ?? after.packet.dst
    return withNextHop(routed, here, bridge.name, address, mac => {
      note(here, {
        kind: 'bridge',
        bridge: bridge.name,
        action: 'in',
        because: `after DNAT its destination is behind ${bridge.name} too: it stays a bridged frame, now for ${mac}`,
      })
      // the first one takes the way of the bridge's own packets as far as br_dev_xmit(), which hands it back
      // (br_nf_pre_routing_finish_bridge_slow())
      if (!here.state.neighbours.headerReady(bridge.name, address))
        capture(here, bridge.name, 'Out', {
          ...after.packet,
          eth: { src: bridge.mac ?? eth.src, dst: mac },
        })
      const packet = { ...after.packet, eth: { ...eth, dst: mac } }
      return { to: 'bridge-switch', skb: { ...after, packet }, dev }
    })
  }
  note(here, {
    kind: 'bridge',
    bridge: bridge.name,
    action: 'in',
    because: 'after DNAT it must be routed: it is handed to the bridge itself',
  })
  // ip6_rcv_core() takes it for one that came by the device it leaves by: it has a route already (IP6CB()->iif)
  const astray = after.packet.family === 'ipv6' && !('drop' in route) && route.to === 'forward'
  return {
    to: 'bridge-switch',
    skb: {
      ...after,
      packet: { ...after.packet, eth: { ...eth, dst: bridge.mac ?? eth.dst } },
      ...(astray && { redirect: true }),
    },
    dev,
  }
}
