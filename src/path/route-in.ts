import { routeInput } from '../routing/input.js'
import { ICMP, sendIcmpError } from '../run/icmp-error.js'
import { note } from '../run/here.js'
import { room } from './room.js'

/** For us, for someone else, or for nobody? */
export const routeIn = room({
  name: 'route-in',
  says: 'for us, for someone else, or for nobody? rp_filter and martians are judged here, after nat',
  kernel: 'ip_route_input_slow() (net/ipv4/route.c), ip6_route_input()',
  doors: ['local-in', 'forward'],
  enter(skb, here, dev) {
    // ip_rcv_finish_core() looks for no way where skb_valid_dst(): the way out was one to here
    if (skb.route && (skb.pktType === 'loopback' || here.space.iface(dev)?.kind === 'loopback')) {
      const { dst } = skb.packet
      if (skb.route.type === 'unicast')
        return {
          dropped: 'X_BLACKHOLE',
          because: `the route to ${dst} leads to ${dev}, and nobody takes it there`,
        }
      const because = 'it came round the loop, with the route that it was sent by'
      note(here, { kind: 'route', to: dst, result: 'local', because })
      return { to: 'local-in', skb, dev }
    }
    const answer = routeInput(skb, dev, here)
    if ('drop' in answer) {
      const { src, family } = skb.packet
      const { tell } = answer
      if (
        tell !== undefined &&
        (family === 'ipv6' || here.state.icmpRate.allowsRouteError(src, here.run.now))
      )
        sendIcmpError(skb, ICMP[family][tell], here, `${here.space.name} answers: ${answer.because}`)
      return { dropped: answer.drop, because: answer.because }
    }
    const routed = { ...skb, route: answer.route, ...(answer.redirect ? { redirect: true } : {}) }
    return { to: answer.to === 'local' ? 'local-in' : 'forward', skb: routed, dev }
  },
})
