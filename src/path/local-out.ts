import { runHook } from '../netfilter/run-hook.js'
import { afterSteal, leave } from './leave.js'
import { room } from './room.js'

/** OUTPUT, for packets born here. Their way out is known already; nat and mangle may ask for another. */
export const localOut = room({
  name: 'local-out',
  says: 'a packet is born here: OUTPUT (raw, conntrack, mangle, nat, filter), with another look at the route if need be',
  kernel: '__ip_local_out() (net/ipv4/ip_output.c), __ip6_local_out()',
  doors: ['ip-out', 'local-out'],
  enter(skb, here) {
    const out = skb.route!.dev
    const result = runHook(skb, { hook: 'OUTPUT', out, bridged: false, here })
    if (result.verdict === 'STOLEN') return afterSteal(result)
    if (result.verdict !== 'ACCEPT') return leave(result)
    return { to: 'ip-out', skb: result.skb, dev: result.skb.route!.dev }
  },
})
