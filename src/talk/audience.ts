import { isLimitedBroadcast, isMulticast } from '../run/here.js'
import type { RouteResult } from '../skb/skb.js'
import type { ResolvedFlow } from './conversation.js'
import type { Result } from './result.js'

/** tcp_v4_connect(), ip4_datagram_connect(): what connect(2) says of a destination that is more than one host. */
export function refusedAudience({ dst, proto }: ResolvedFlow, type: RouteResult['type']): Result | undefined {
  const group = isMulticast(dst)
  if (!group && type !== 'broadcast' && !isLimitedBroadcast(dst)) return undefined
  const what = `${dst} is ${group ? 'a group' : 'a broadcast address'}`
  if (proto === 'tcp')
    return {
      outcome: 'net-unreachable',
      because: `connect() fails (ENETUNREACH): ${what}, and TCP speaks to one host`,
    }
  if (group) return { outcome: 'unknown', because: `${what}: multicast is not simulated` }
  return {
    outcome: 'not-permitted',
    because: `connect() fails (EACCES): ${what}, and the program has not asked for SO_BROADCAST`,
  }
}
