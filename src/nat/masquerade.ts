import type { HookState } from '../netfilter/hook-op.js'
import type { Skb } from '../skb/skb.js'
import type { Ip } from '../values/ip.js'

/**
 * nf_nat_masquerade_ipv4()/_ipv6(): the address of the device that the packet leaves by, in the next hop's
 * subnet if it has one there (inet_select_addr()); IPv6 chooses as for a packet of its own.
 */
export function masqueradeAddress(skb: Skb, state: HookState): Ip | undefined {
  if (state.out === undefined) return undefined
  const { family, dst } = skb.packet
  const towards = family === 'ipv4' ? (skb.route?.via ?? dst) : dst
  return state.here.space.selectAddress(state.out, towards, family, 'global')
}
