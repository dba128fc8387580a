import type { HookResult } from '../netfilter/hook-op.js'
import { type Here, isMulticast, note } from '../run/here.js'
import type { Skb } from '../skb/skb.js'
import { multipath, noRoute, routeOutput } from './output.js'

/**
 * ip_route_me_harder() (net/ipv4/netfilter.c): another look at the way out of a packet born here, with the source
 * that it has. A source that is not ours is let through, for replies in another's name.
 */
export function rerouteOutput(skb: Skb, here: Here): HookResult {
  const { packet } = skb
  // ip6_route_me_harder() keeps to the device for groups, and there is one route for them
  if (packet.family === 'ipv6' && isMulticast(packet.dst)) return { verdict: 'ACCEPT', skb }
  const fib = here.space.fib(packet.family)
  // what is neither ours nor anybody's alone (a broadcast address) is not asked about
  const asked = fib.family === 'ipv6' || ['local', 'unicast'].includes(fib.addressType(packet.src))
  const found = routeOutput(
    here.space,
    {
      dst: packet.dst,
      ...(asked && { src: packet.src }),
      anySource: true,
      mark: skb.mark,
      tos: packet.tos & 0x1c,
      proto: packet.proto,
      ...(packet.sport === undefined ? {} : { sport: packet.sport }),
      ...(packet.dport === undefined ? {} : { dport: packet.dport }),
    },
    multipath(here),
  )
  if (noRoute(found))
    return {
      verdict: 'DROP',
      reason: 'IP_OUTNOROUTES',
      errno: found.error,
      because: `after the change there is no way out: ${found.because}`,
    }
  if (found.route.dev !== skb.route?.dev || found.route.via !== skb.route?.via)
    note(here, {
      kind: 'route',
      to: packet.dst,
      result: found.route.type === 'local' ? 'local' : 'out',
      dev: found.route.dev,
      ...(found.route.via === undefined ? {} : { via: found.route.via }),
      because: `it now leaves by ${found.route.dev}`,
    })
  return { verdict: 'ACCEPT', skb: { ...skb, route: found.route } }
}
