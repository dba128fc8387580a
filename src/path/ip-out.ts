import { runHook } from '../netfilter/run-hook.js'
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
    return { to: 'neighbour', skb: result.skb, dev }
  },
})
