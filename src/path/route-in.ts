import { routeInput } from '../routing/input.js'
import { ICMP, sendIcmpError } from '../run/icmp-error.js'
import { room } from './room.js'

/** For us, for someone else, or for nobody? */
export const routeIn = room({
  name: 'route-in',
  says: 'for us, for someone else, or for nobody? rp_filter and martians are judged here, after nat',
  kernel: 'ip_route_input_slow() (net/ipv4/route.c), ip6_route_input()',
  doors: ['local-in', 'forward'],
  enter(skb, here, dev) {
    const answer = routeInput(skb, dev, here)
    if ('drop' in answer) {
      if (answer.tell !== undefined)
        sendIcmpError(
          skb,
          ICMP[skb.packet.family][answer.tell],
          here,
          `${here.space.name} answers: ${answer.because}`,
        )
      return { dropped: answer.drop, because: answer.because }
    }
    const routed = { ...skb, route: answer.route, ...(answer.redirect ? { redirect: true } : {}) }
    return { to: answer.to === 'local' ? 'local-in' : 'forward', skb: routed, dev }
  },
})
