import { runHook } from '../netfilter/run-hook.js'
import { notForwarded } from '../routing/input.js'
import { ICMP, sendIcmpError } from '../run/icmp-error.js'
import { isLoopback, isMulticast, isUnspecified } from '../run/here.js'
import { type Ip, ipBits } from '../values/ip.js'
import { sendRedirect6 } from '../run/redirect.js'
import { exceeds, routeMtu } from '../run/mtu.js'
import { packetLength } from '../skb/packet-summary.js'
import { rewrite } from '../skb/rewrite.js'
import { afterSteal, leave } from './leave.js'
import { room } from './room.js'

const LINK_LOCAL = 'of this link alone'

/** ip6_forward(): sources that make sense on the link only that they came from. */
function sourceThatStays(src: Ip): string | undefined {
  if (isUnspecified(src)) return 'no address'
  if (isMulticast(src)) return 'a group'
  if (isLoopback(src)) return 'the loopback address'
  return ipBits(src)[0]! >>> 22 === 0xfe80 >>> 6 ? LINK_LOCAL : undefined
}

/** TTL, perhaps a redirect, and FORWARD. */
export const forward = room({
  name: 'forward',
  says: 'TTL is decreased, what is too long is refused; FORWARD (mangle, filter; IPVS translates its answers here)',
  kernel: 'ip_forward() (net/ipv4/ip_forward.c), ip6_forward()',
  doors: ['ip-out', 'local-out'],
  enter(skb, here, dev) {
    const out = skb.route!.dev
    const { packet } = skb
    // ip_route_input_slow() has asked this already of what is IPv4
    if (packet.family === 'ipv6' && !here.space.forwards(dev, 'ipv6'))
      return {
        dropped: 'IP_INADDRERRORS',
        because: notForwarded(packet.dst, 'net.ipv6.conf.all.forwarding'),
      }
    if (skb.pktType === 'broadcast' || skb.pktType === 'multicast')
      return {
        dropped: 'X_IGNORED',
        because: `the frame was for all on ${dev}: such packets are not forwarded`,
      }
    if (skb.tproxy)
      return {
        dropped: 'X_IGNORED',
        because: `TPROXY gave it to a socket, but the routes of ${here.space.name} lead it on: ip_forward() drops what has a socket`,
      }
    if (packet.ttl <= 1) {
      sendIcmpError(skb, ICMP[packet.family]['ttl-exceeded'], here, `the TTL ended at ${here.space.name}`)
      return { dropped: 'TTL_EXCEEDED', because: `TTL ${packet.ttl} ends here` }
    }
    // ip6_forward() looks at the source only if it does not send a redirect
    const back = packet.family === 'ipv6' && skb.redirect === true
    if (back) sendRedirect6(skb, here, dev)
    const stays = packet.family === 'ipv6' && !back ? sourceThatStays(packet.src) : undefined
    if (stays !== undefined) {
      const because = `the source ${packet.src} is ${stays}: IPv6 forwards no such packet`
      if (stays === LINK_LOCAL) sendIcmpError(skb, ICMP.ipv6['beyond-scope'], here, because)
      return { dropped: 'IP_INADDRERRORS', because }
    }
    const mtu = routeMtu(here.space, skb.route!)
    if (exceeds(packet, mtu)) {
      const because = `${packetLength(packet)} bytes do not fit into the ${mtu} of ${out}, and it must not be cut`
      sendIcmpError(skb, ICMP[packet.family]['too-big'], here, because, { mtu })
      return { dropped: 'PKT_TOO_BIG', because }
    }
    const hopped = rewrite(skb, { ttl: packet.ttl - 1 }, 'ip_forward', here)
    if (
      skb.redirect &&
      packet.family === 'ipv4' &&
      here.state.icmpRate.allowsRedirect(packet.src, here.run.now)
    )
      sendIcmpError(
        hopped,
        ICMP.ipv4['redirect-host'],
        here,
        `${here.space.name} tells the sender that it could have gone to ${skb.route!.via ?? packet.dst} itself`,
        { gateway: skb.route!.via ?? packet.dst },
      )
    const result = runHook(hopped, { hook: 'FORWARD', in: dev, out, bridged: false, here })
    // ip_vs_forward_icmp() sends errors to real servers
    if (result.verdict === 'STOLEN') return afterSteal(result)
    if (result.verdict !== 'ACCEPT') return leave(result)
    return { to: 'ip-out', skb: result.skb, dev: out }
  },
})
