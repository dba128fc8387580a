import type { Route } from '../model/route.js'
import type { RouteResult, Skb } from '../skb/skb.js'
import type { Space } from '../world/space.js'
import { failed } from './fib.js'

/** Does anything in a namespace have a realm? Where not, all are 0. */
export const hasRealms = ({ netns }: Space): boolean => [...netns.routes, ...netns.rules].some(has)
const has = ({ text }: { readonly text: string }): boolean => /\brealms?\b/.test(text)

/** nh_tclassid: `realm TO`, `realms FROM/TO`, as one word of 32 bits; undefined: by a name that a dump does not explain. */
function realmOf(route: Route | undefined): number | undefined {
  const words = /\brealms? (?:(\S+)\/)?(\S+)/.exec(route?.text ?? '')
  if (!words) return 0
  const [from, to] = [words[1] ?? '0', words[2]!].map(word => (/^\d+$/.test(word) ? Number(word) : undefined))
  return from === undefined || to === undefined ? undefined : ((from << 16) | to) >>> 0
}

/**
 * dst->tclassid of an IPv4 packet (rt_set_nexthop(), ip_route_input_slow()): the realms of its route, and what they leave
 * open from the route back to its source (fib_combine_itag(): that one's destination is this one's source). Undefined: a
 * rule of policy routing has realms, which are not followed.
 */
export function routeRealm(skb: Skb, route: RouteResult, space: Space): number | undefined {
  if (space.netns.rules.some(has)) return undefined
  const born = skb.inDev === undefined && skb.dev === undefined
  const out = route.type === 'local' && !born ? 0 : realmOf(route.route)
  if (born || out === undefined) return out
  const { src, dst } = skb.packet
  const mark = space.orConf(skb.inDev ?? skb.dev ?? '', 'src_valid_mark') ? skb.mark : 0
  const back = space.fib('ipv4').lookup({ src: dst, dst: src, mark })
  const source = failed(back) ? 0 : realmOf(back.route)
  if (source === undefined) return undefined
  return (out >>> 16 === 0 ? out | (source << 16) : out) >>> 0
}
