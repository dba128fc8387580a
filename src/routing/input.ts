import type { DropReason } from '../trace/events.js'
import { type Here, isLimitedBroadcast, isLoopback, isMulticast, isUnspecified, note } from '../run/here.js'
import { hasJoined } from '../run/groups.js'
import { linkLocalOf } from '../world/link-scope.js'
import type { RouteResult, Skb } from '../skb/skb.js'
import { type Ip, isLinkLocal } from '../values/ip.js'
import { contains } from '../values/prefix.js'
import { failed } from './fib.js'
import { multipath } from './output.js'
import { validateSource } from './validate-source.js'

export type InputRoute =
  | { readonly to: 'local' | 'forward'; readonly route: RouteResult; readonly redirect: boolean }
  | {
      readonly drop: DropReason
      readonly because: string
      readonly tell?: 'net-unreachable' | 'host-unreachable' | 'prohibited'
      /** It is no martian: it gets a route all the same, and is dropped when it takes it (IPv4: ip_error()). */
      readonly later?: true
    }

export const notForwarded = (dst: Ip, key: string): string =>
  `${dst} is none of our addresses and ip_forward is 0 (${key}): dropped in silence`

/** ip_route_input_slow() (net/ipv4/route.c), ip6_route_input(): for us, for someone else, or for nobody? */
export function routeInput(skb: Skb, dev: string, here: Here, noteIt = true): InputRoute {
  const { packet } = skb
  const { space } = here
  const { family, src, dst } = packet
  const localnet = (): boolean => space.orConf(dev, 'route_localnet')
  const isLo = space.iface(dev)?.kind === 'loopback'
  if (isMulticast(src) || isLimitedBroadcast(src))
    return { drop: 'IP_INVALID_SOURCE', because: `${src} can't be a source (martian)` }
  if (isMulticast(dst) && !hasJoined(here, dev, dst))
    return { drop: 'X_IGNORED', because: `${dev} has not joined the group ${dst}` }
  if (family === 'ipv4') {
    if (isLimitedBroadcast(dst)) return local(dev)
    if (isUnspecified(src)) return { drop: 'IP_INVALID_SOURCE', because: 'a source of 0.0.0.0 is a martian' }
    if (isUnspecified(dst))
      return { drop: 'IP_INVALID_DEST', because: 'a destination of 0.0.0.0 is a martian' }
    if (isLoopback(dst) && !isLo && !localnet())
      return {
        drop: 'IP_LOCALNET',
        because: `${dst} came in by ${dev}: a loopback destination from outside is a martian while route_localnet is 0`,
      }
    if (isLoopback(src) && !isLo && !localnet())
      return {
        drop: 'IP_LOCALNET',
        because: `${src} came in by ${dev}: a loopback source from outside is a martian while route_localnet is 0`,
      }
  } else if ((isLoopback(dst) || isLoopback(src)) && !isLo) {
    return { drop: 'IP_LOCALNET', because: `::1 must not come in by ${dev}` }
  }
  if (isMulticast(dst)) {
    const source = validateSource(skb, dev, 'lo', here)
    if (!source.ok) return { drop: source.reason, because: source.because }
    if (noteIt) note(here, { kind: 'route', to: dst, result: 'local', because: `${dev} has joined ${dst}` })
    return local(dev, 'multicast')
  }
  // a dump that was taken while duplicate address detection ran (a second or two) has no local route for it yet
  if (family === 'ipv6' && linkLocalOf(space.iface(dev)) === dst) return local(dev)

  const key = {
    src,
    dst,
    mark: skb.mark,
    tos: packet.tos & 0x1c,
    iif: dev,
    // rt6_need_strict(): a link-local address is one of the link that the packet came by, or none
    ...(isLinkLocal(dst) ? { link: dev } : {}),
    proto: packet.proto,
    ...(packet.sport === undefined ? {} : { sport: packet.sport }),
    ...(packet.dport === undefined ? {} : { dport: packet.dport }),
  }
  const answer = space.fib(family).lookup(key, multipath(here))
  const forwards = space.forwards(dev, family)
  const say = (result: string, extra: { dev?: string; via?: string; text?: string }, because: string) => {
    if (noteIt) note(here, { kind: 'route', to: dst, result, ...extra, because })
  }
  if (failed(answer)) {
    const later = family === 'ipv4' ? ({ later: true } as const) : {}
    say(answer.error, {}, answer.because)
    // ip_error() of IPv4 is silent then; ip6_pkt_drop() tells all the same
    if (!forwards && family === 'ipv4')
      return {
        drop: 'IP_INNOROUTES',
        because: `${answer.because}, and ${dev} does not forward (ip_forward is 0): dropped in silence`,
        ...later,
      }
    if (answer.error === 'EINVAL') return { drop: 'X_BLACKHOLE', because: answer.because, ...later }
    // ip6_pkt_discard() says "no route" of an unreachable one as well
    const tell = (
      {
        ENETUNREACH: 'net-unreachable',
        EHOSTUNREACH: family === 'ipv6' ? 'net-unreachable' : 'host-unreachable',
        EACCES: 'prohibited',
      } as const
    )[answer.error]
    return { drop: 'IP_INNOROUTES', because: answer.because, tell, ...later }
  }
  const { route, nexthop } = answer
  const text = route.text.trim()
  if (route.type === 'local' || route.type === 'broadcast' || route.type === 'anycast') {
    const source = validateSource(skb, dev, 'lo', here)
    if (!source.ok) return { drop: source.reason, because: source.because }
    say(
      'local',
      { text },
      route.type === 'local'
        ? `${dst} is an address of ${space.name}`
        : `${dst} is a ${route.type} address here`,
    )
    return local(nexthop?.dev ?? dev, route.type)
  }
  // IPv6 asks in ip6_forward() alone, after DNAT on a bridge has found its port
  if (!forwards && family === 'ipv4') {
    say('not forwarded', { text }, `${dst} is not ours, and ${dev} does not forward`)
    return {
      drop: 'IP_INADDRERRORS',
      because: notForwarded(dst, `net.ipv4.conf.${dev}.forwarding`),
      later: true,
    }
  }
  if (route.type !== 'unicast' || nexthop?.dev === undefined)
    return { drop: 'IP_INVALID_DEST', because: `the route «${text}» leads nowhere` }
  const out = nexthop.dev
  const source = validateSource(skb, dev, out, here)
  if (!source.ok) return { drop: source.reason, because: source.because }
  say(
    'forward',
    { dev: out, ...(nexthop.via === undefined ? {} : { via: nexthop.via }), text },
    `${dst} is behind ${out}${nexthop.via === undefined ? '' : `, by way of ${nexthop.via}`}`,
  )
  // __mkroute_input(), ip6_forward(): back out of the device it came by, and its sender could have gone there itself
  const redirect =
    out === dev &&
    (family === 'ipv6' ||
      (source.onLink &&
        space.orConf(out, 'send_redirects') &&
        (space.orConf(out, 'shared_media') || onLink(here, out, src, nexthop.via))))
  return {
    to: 'forward',
    redirect,
    route: { type: 'unicast', dev: out, route, ...(nexthop.via === undefined ? {} : { via: nexthop.via }) },
  }
}

const local = (dev: string, type: RouteResult['type'] = 'local'): InputRoute => ({
  to: 'local',
  redirect: false,
  route: { type, dev },
})

/** inet_addr_onlink(): are both in one subnet of the device? Without a gateway the first is enough. */
function onLink(here: Here, dev: string, a: Ip, via: Ip | undefined): boolean {
  return (here.space.iface(dev)?.addresses ?? []).some(({ family, address, prefixLength }) => {
    const subnet = { base: address, length: prefixLength }
    return family === 'ipv4' && contains(subnet, a) && (via === undefined || contains(subnet, via))
  })
}
