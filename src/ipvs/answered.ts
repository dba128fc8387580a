import type { HookResult, HookState } from '../netfilter/hook-op.js'
import { accept } from '../netfilter/hook-op.js'
import { rerouteOutput } from '../routing/reroute.js'
import type { Skb } from '../skb/skb.js'
import type { IpvsConnection } from './connection.js'
import { settleConntrack } from './transmit.js'

/** handle_response(), handle_response_icmp(), once the packet has the Service's address. */
export function answered(translated: Skb, c: IpvsConnection, state: HookState): HookResult {
  const { here, hook } = state
  const settled = settleConntrack({ ...translated, ipvsProperty: true }, c, 'out', here)
  // ip_vs_route_me_harder(): what goes to remote clients is routed anew by its new source; bridged packets have no route
  const remote = hook !== 'INPUT' && settled.route !== undefined && settled.route.type !== 'local'
  if (remote && !state.bridged && here.space.number('net.ipv4.vs.snat_reroute', 1) !== 0)
    return rerouteOutput(settled, here)
  return accept(settled)
}
