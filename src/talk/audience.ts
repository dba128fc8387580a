import { isLimitedBroadcast, isMulticast } from '../run/here.js'
import type { RouteResult } from '../skb/skb.js'
import { isLinkLocal } from '../values/ip.js'
import type { ResolvedFlow } from './conversation.js'
import type { Result } from './result.js'

/** Interface-local and link-local groups of IPv6: on which link, connect(2) has to be told (__ipv6_addr_needs_scope_id()). */
const OF_ONE_LINK = /^ff.[12]:/

/**
 * tcp_v6_connect(), __ip6_datagram_connect(), __inet6_bind(): an address that every link has anew says nothing without a
 * device, whatever the routes say.
 */
export function ofNoLink({ dst, bind }: ResolvedFlow): Result | undefined {
  const call = bind !== undefined && isLinkLocal(bind) ? 'bind' : isLinkLocal(dst) ? 'connect' : undefined
  if (call === undefined) return undefined
  return {
    outcome: 'not-permitted',
    because: `${call}() fails (EINVAL): ${call === 'bind' ? bind : dst} is an address of one link, and the question names no device`,
  }
}

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
  if (group)
    return OF_ONE_LINK.test(dst)
      ? {
          outcome: 'not-permitted',
          because: `connect() fails (EINVAL): ${what} of one link, and the question names no device`,
        }
      : undefined
  return {
    outcome: 'not-permitted',
    because: `connect() fails (EACCES): ${what}, and the program has not asked for SO_BROADCAST`,
  }
}

/** Why a connected socket hears no answer, come what may: no host answers in a group's name. (A ping takes anybody's.) */
export const whyDeaf = ({ dst, proto }: ResolvedFlow): string | undefined =>
  proto === 'udp' && isMulticast(dst)
    ? `${dst} is a group: who hears it answers from an address of its own, and a socket that is connected to the group takes nothing from there`
    : undefined
