import { runHook } from '../netfilter/run-hook.js'
import { deliver } from '../run/deliver.js'
import { isFragment } from '../skb/packet-summary.js'
import { afterSteal, leave } from './leave.js'
import { room } from './room.js'

const WAITS = { dropped: 'X_IGNORED', because: 'a fragment waits for the rest of its packet' } as const

/** INPUT, then a socket, a tunnel, or nobody. */
export const localIn = room({
  name: 'local-in',
  says: 'INPUT (mangle, filter; IPVS waits here; nat), then a socket, a tunnel, or nobody',
  kernel: 'ip_local_deliver() (net/ipv4/ip_input.c), ip6_input()',
  doors: ['local-out'],
  enter(skb, here, dev) {
    // ip_local_deliver() puts pieces together before INPUT, IPv6 behind it
    if (skb.packet.family === 'ipv4' && isFragment(skb.packet)) return WAITS
    const result = runHook(skb, { hook: 'INPUT', in: dev, bridged: false, here })
    if (result.verdict === 'STOLEN') return afterSteal(result)
    if (result.verdict !== 'ACCEPT') return leave(result)
    return isFragment(result.skb.packet) ? WAITS : deliver(result.skb, here)
  },
})
