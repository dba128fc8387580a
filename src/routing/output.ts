import type { Nexthop, Route } from '../model/route.js'
import { type Here, isLimitedBroadcast, isLoopback, isMulticast, isUnspecified } from '../run/here.js'
import type { RouteResult } from '../skb/skb.js'
import { type Ip, familyOf } from '../values/ip.js'
import type { Space } from '../world/space.js'
import { failed, type FibFailure, type FlowKey } from './fib.js'

export type Chosen = { readonly route: RouteResult; readonly src: Ip }
export type OutputRoute = Chosen | FibFailure

export const noRoute = (r: OutputRoute): r is FibFailure => 'error' in r

/** Picks among equal nexthops: the kernel hashes, nfsim asks. */
export const multipath =
  (here: Here) =>
  (route: Route, usable: readonly Nexthop[]): Nexthop | undefined =>
    usable[
      here.run.choose(
        here.trace,
        here.space.name,
        `nexthop of ${route.text.trim()}`,
        usable.map(n => `${n.via ?? 'on link'} dev ${n.dev}`),
      )
    ]

/** 224.0.0.0/4: __mkroute_output() takes no gateway for a group from a shorter prefix, which is not about groups. */
const LEAST_OF_GROUPS = 4

/**
 * Whom an IPv4 address stands for, if not one host, whatever the tables say. It leaves by the device that has its source
 * (ip_route_output_key_hash_rcu()); only where none is chosen yet the tables choose.
 */
const crowdOf = (dst: Ip): 'multicast' | 'broadcast' | undefined =>
  isMulticast(dst) ? 'multicast' : isLimitedBroadcast(dst) ? 'broadcast' : undefined

/**
 * ip_route_output_key() (net/ipv4/route.c), ip6_route_output(): the way out for a packet born here, and the
 * source address that goes with it. `anySource`: the address need not be our own (a RST in a stranger's name).
 */
export function routeOutput(
  space: Space,
  ask: Omit<FlowKey, 'iif'> & { readonly anySource?: boolean },
  choose?: (route: Route, usable: readonly Nexthop[]) => Nexthop | undefined,
): OutputRoute {
  const family = familyOf(ask.dst)
  if (ask.src !== undefined && !ask.anySource && !isUnspecified(ask.src)) {
    if (isMulticast(ask.src) || isLimitedBroadcast(ask.src))
      return { error: 'EINVAL', because: `${ask.src} can't be a source address` }
    if (!space.isLocal(ask.src))
      return { error: 'EINVAL', because: `the source ${ask.src} is no address of ${space.name}` }
  }
  const src = ask.src !== undefined && isUnspecified(ask.src) ? undefined : ask.src
  const crowd = family === 'ipv4' ? crowdOf(ask.dst) : undefined
  if (crowd && src !== undefined && ask.oif === undefined) {
    const dev = space.ownerOf(src)?.name
    return dev === undefined
      ? { error: 'ENETUNREACH', because: `no device has ${src}, which would tell where to send it` }
      : { route: { type: crowd, dev, src }, src }
  }
  const answer = space.fib(family).lookup({ ...ask, ...(src === undefined ? {} : { src }) }, choose)
  if (failed(answer)) return answer
  const { route, nexthop } = answer
  if (route.type === 'local') {
    const chosen = src ?? route.src ?? ask.dst
    return { route: { type: 'local', dev: 'lo', route, src: chosen }, src: chosen }
  }
  const dev = nexthop?.dev
  if (dev === undefined)
    return { error: 'ENETUNREACH', because: `the route «${route.text.trim()}» names no device` }
  const chosen =
    src ??
    route.src ??
    space.selectAddress(
      dev,
      family === 'ipv4' ? (nexthop?.via ?? ask.dst) : ask.dst,
      family,
      route.scope === 'nowhere' ? 'host' : route.scope,
    )
  if (chosen === undefined)
    return {
      error: family === 'ipv4' ? 'ENETUNREACH' : 'EINVAL',
      because: `no source address to leave by ${dev} with`,
    }
  if (
    family === 'ipv4' &&
    isLoopback(chosen) &&
    space.iface(dev)?.kind !== 'loopback' &&
    !space.orConf(dev, 'route_localnet')
  )
    return {
      error: 'EINVAL',
      because: `a packet from ${chosen} can't leave by ${dev} while route_localnet is 0`,
    }
  return {
    route: {
      type: crowd ?? route.type,
      dev,
      route,
      src: chosen,
      ...(nexthop?.via === undefined || (crowd && route.prefix.length < LEAST_OF_GROUPS)
        ? {}
        : { via: nexthop.via }),
      ...(nexthop?.onlink ? { onlink: true } : {}),
    },
    src: chosen,
  }
}
