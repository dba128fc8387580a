import { runHook } from '../netfilter/run-hook.js'
import { fragmented, routeMtu } from '../run/mtu.js'
import { leave } from './leave.js'
import { room } from './room.js'

/** POSTROUTING, and the connection is confirmed. */
export const ipOut = room({
  name: 'ip-out',
  says: 'POSTROUTING (mangle, nat); a new connection is confirmed at its end',
  kernel: 'ip_output() (net/ipv4/ip_output.c), ip6_output()',
  doors: ['neighbour'],
  enter(skb, here, dev) {
    const result = runHook(skb, {
      hook: 'POSTROUTING',
      ...(skb.inDev === undefined ? {} : { in: skb.inDev }),
      out: dev,
      bridged: false,
      here,
    })
    if (result.verdict !== 'ACCEPT') return leave(result)
    const { route } = result.skb
    const cut = route ? fragmented(result.skb, routeMtu(here.space, route), here) : result.skb
    return { to: 'neighbour', skb: cut, dev }
  },
})
