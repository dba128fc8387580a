import { runHook } from '../netfilter/run-hook.js'
import { note } from '../run/here.js'
import { tooLongForLink } from '../run/mtu.js'
import { groupOf } from '../values/mac.js'
import { leave } from './leave.js'
import { room } from './room.js'

/** Out by a port: FORWARD and POSTROUTING as a bridged frame sees them. */
export const bridgeForward = room({
  name: 'bridge-forward',
  says: 'out by a bridge port; with bridge-nf-call-iptables FORWARD and POSTROUTING are called from here',
  kernel:
    'br_forward(), should_deliver() (net/bridge/br_forward.c), br_nf_forward_ip(), br_nf_post_routing()',
  doors: ['device-out'],
  enter(skb, here, dev) {
    const { space } = here
    const port = space.iface(dev)!
    const bridge = space.bridgeOf(port)!
    if (port.bridgePort && port.bridgePort.state !== 'forwarding')
      return { dropped: 'IFACE_DOWN', because: `${dev} is ${port.bridgePort.state}` }
    if (skb.port === dev && !port.bridgePort?.hairpin) {
      note(here, {
        kind: 'bridge',
        bridge: bridge.name,
        action: 'refused',
        port: dev,
        because: `hairpin is off on ${dev}`,
      })
      return {
        dropped: 'X_BRIDGE_SAME_PORT',
        because: `${dev} is the port that it came in by, and hairpin is off there`,
      }
    }
    const from = space.iface(skb.port)
    if (port.bridgePort?.isolated && from?.bridgePort?.isolated)
      return {
        dropped: 'X_BRIDGE_ISOLATED',
        because: `${skb.port} and ${dev} are both isolated ports of ${bridge.name}`,
      }
    // br_dev_queue_push_xmit(); br_nf_dev_queue_xmit() looks at what IP would make of it, without room for a tag
    const seen = skb.bridgeNf !== undefined && skb.port !== undefined && skb.bridgeNf.inPrerouting
    if (tooLongForLink(skb.packet, port.mtu, seen))
      return {
        dropped: 'PKT_TOO_BIG',
        because: `it is longer than the MTU of ${dev}, ${port.mtu}, and a bridge tells nobody`,
      }
    if (!skb.bridgeNf || !seen) return { to: 'device-out', skb, dev }

    const shown = {
      ...skb,
      pktType: groupOf(skb.packet.eth?.dst),
      bridgeNf: { ...skb.bridgeNf, physOut: dev },
    }
    const forward = runHook(shown, {
      hook: 'FORWARD',
      in: bridge.name,
      out: bridge.name,
      bridged: true,
      here,
    })
    if (forward.verdict !== 'ACCEPT') return leave(forward)
    const post = runHook(forward.skb, { hook: 'POSTROUTING', out: bridge.name, bridged: true, here })
    if (post.verdict !== 'ACCEPT') return leave(post)
    return { to: 'device-out', skb: post.skb, dev }
  },
})
