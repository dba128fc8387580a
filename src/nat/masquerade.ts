import type { HookState } from '../netfilter/hook-op.js'
import type { Skb } from '../skb/skb.js'
import type { Ip } from '../values/ip.js'

/**
 * nf_nat_masquerade_ipv4()/_ipv6(): the address of the device that the packet leaves by, in the next hop's
 * subnet if it has one there (inet_select_addr()).
 */
export function masqueradeAddress(skb: Skb, state: HookState): Ip | undefined {
  if (state.out === undefined) return undefined
  return state.here.space.selectAddress(state.out, skb.route?.via ?? skb.packet.dst, skb.packet.family)
}
