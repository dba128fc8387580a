import { packetLength } from '../skb/packet-summary.js'
import type { Skb } from '../skb/skb.js'
import { PROTO } from '../values/proto.js'
import { isLinkLocal } from '../values/ip.js'
import { linkLocalOf } from '../world/link-scope.js'
import { failed } from '../routing/fib.js'
import type { Next } from '../path/room.js'
import { assume, type Here, note } from './here.js'

/** NDISC_REDIRECT: header, target and destination (RFC 4861, 4.5), and the header of the option that quotes the packet. */
const FIXED = 32 + 8
const OPTION_LLADDR = 8

/**
 * ip6_forward(), ndisc_send_redirect(): a neighbour that sent what goes back out of its device is told to go there itself,
 * from the device's link-local address; of gateways only those that are known by such an address are told.
 */
export function sendRedirect6(skb: Skb, here: Here, dev: string): void {
  const { packet, route } = skb
  const { run, space, state } = here
  const iface = space.iface(dev)
  const gateway = route?.via ?? packet.dst
  if (!iface || !state.icmpRate.allowsRedirect6(packet.dst, run.now)) return
  const src = linkLocalOf(iface)
  if (src === undefined || (gateway !== packet.dst && !isLinkLocal(gateway))) return
  const back = space.fib('ipv6').lookup({ dst: packet.src, oif: dev, mark: 0 })
  if (failed(back) || back.nexthop?.dev !== dev || back.nexthop.via !== undefined) return
  if (!state.icmpRate.allowsRedirect6(packet.src, run.now)) return
  const known = state.neighbours.macOf(route?.dev ?? dev, gateway) !== undefined
  const because = `${space.name} tells the sender that it could have gone to ${gateway} itself`
  note(here, { kind: 'makes', packet: 'a redirect', because })
  run.sendAtOnce({
    netns: space.name,
    room: 'local-out',
    skb: {
      ...{ mark: 0, priority: 0, pktType: 'host', noSocket: true, kernelSocket: true, inDev: dev },
      packet: {
        ...{ family: 'ipv6', src, dst: packet.src, proto: PROTO.icmpv6, ttl: 255, tos: 0, id: 0 },
        icmp: { type: 137, code: 0, gateway },
        payload: FIXED - 8 + (known ? OPTION_LLADDR : 0) + (packetLength(packet) & ~7),
        ...{ dontFragment: false, moreFragments: false, fragmentOffset: 0 },
      },
      route: { type: 'unicast', dev },
    },
    because,
    cause: here.trace,
  })
}

/** ip_do_redirect(), rt6_do_redirect(): what a redirect would teach, to whom it would. */
export function redirected(skb: Skb, here: Here): Next<never> {
  const { space } = here
  const { family, src, icmp } = skb.packet
  const dev = skb.dev ?? ''
  const heeds = (conf: string) => space.number(`net.${family}.conf.${conf}.accept_redirects`, 1) !== 0
  const accepts = space.forwards(dev, family)
    ? family === 'ipv4' && heeds('all') && heeds(dev)
    : heeds(dev) || (family === 'ipv4' && heeds('all'))
  if (accepts)
    assume(
      here,
      `${space.name} goes on as its routes say, though ${src} names ${icmp?.gateway ?? 'another gateway'}`,
      'what a redirect teaches is not simulated',
    )
  return { dropped: 'X_IGNORED', because: 'a redirect is a hint about routes: nfsim does not learn from it' }
}
