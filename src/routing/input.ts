import type { Packet } from '../model/packet.js'
import type { DropReason } from '../trace/events.js'
import { type Here, isLimitedBroadcast, isLoopback, isMulticast, isUnspecified, note } from '../run/here.js'
import { hasJoined } from '../run/groups.js'
import { linkLocalOf } from '../world/link-scope.js'
import type { RouteResult, Skb } from '../skb/skb.js'
import { type Ip, isLinkLocal } from '../values/ip.js'
import { contains } from '../values/prefix.js'
import { failed, type FibFailure, type FibResult } from './fib.js'
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

/** Tells of a decision; to those who want it told. */
type Say = (
  result: string,
  because: string,
  extra?: { readonly dev?: string; readonly via?: string; readonly text?: string },
) => void

/** ip_route_input_slow() (net/ipv4/route.c), ip6_route_input(): for us, for someone else, or for nobody? */
export function routeInput(skb: Skb, dev: string, here: Here, noteIt = true): InputRoute {
  const { packet } = skb
  const { family, src, dst } = packet
  const say: Say = (result, because, extra = {}) => {
    if (noteIt) note(here, { kind: 'route', to: dst, result, ...extra, because })
  }
  const decided = byAddresses(packet, dev, here)
  if (decided) return decided
  if (isMulticast(dst))
    return toUs(skb, dev, here, local(dev, 'multicast'), () => say('local', `${dev} has joined ${dst}`))

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
  const answer = here.space.fib(family).lookup(key, multipath(here))
  const forwards = here.space.forwards(dev, family)
  if (failed(answer)) {
    say(answer.error, answer.because)
    return family === 'ipv4' ? { ...unreached4(answer, dev, forwards), later: true } : unreached6(answer)
  }
  const { route, nexthop } = answer
  const text = route.text.trim()
  if (route.type === 'local' || route.type === 'broadcast' || route.type === 'anycast') {
    const what = route.type === 'local' ? `an address of ${here.space.name}` : `a ${route.type} address here`
    return toUs(skb, dev, here, local(nexthop?.dev ?? dev, route.type), () =>
      say('local', `${dst} is ${what}`, { text }),
    )
  }
  // IPv6 asks in ip6_forward() alone, after DNAT on a bridge has found its port
  if (!forwards && family === 'ipv4') {
    say('not forwarded', `${dst} is not ours, and ${dev} does not forward`, { text })
    return {
      drop: 'IP_INADDRERRORS',
      because: notForwarded(dst, `net.ipv4.conf.${dev}.forwarding`),
      later: true,
    }
  }
  return onward(skb, dev, here, answer, say)
}

/** What source and destination decide by themselves: martians, groups, and what is always for us. */
function byAddresses({ family, src, dst }: Packet, dev: string, here: Here): InputRoute | undefined {
  const { space } = here
  const iface = space.iface(dev)
  if (isMulticast(src) || isLimitedBroadcast(src))
    return { drop: 'IP_INVALID_SOURCE', because: `${src} can't be a source (martian)` }
  if (isMulticast(dst) && !hasJoined(here, dev, dst))
    return { drop: 'X_IGNORED', because: `${dev} has not joined the group ${dst}` }
  const isAstray = (address: Ip) => isLoopback(address) && iface?.kind !== 'loopback'
  if (family === 'ipv6') {
    if (isAstray(dst) || isAstray(src))
      return { drop: 'IP_LOCALNET', because: `::1 must not come in by ${dev}` }
    // a dump that was taken while duplicate address detection ran (a second or two) has no local route for it yet
    return !isMulticast(dst) && linkLocalOf(iface) === dst ? local(dev) : undefined
  }
  if (isLimitedBroadcast(dst)) return local(dev)
  if (isUnspecified(src)) return { drop: 'IP_INVALID_SOURCE', because: 'a source of 0.0.0.0 is a martian' }
  if (isUnspecified(dst)) return { drop: 'IP_INVALID_DEST', because: 'a destination of 0.0.0.0 is a martian' }
  for (const [address, what] of [
    [dst, 'destination'],
    [src, 'source'],
  ] as const)
    if (isAstray(address) && !space.orConf(dev, 'route_localnet'))
      return {
        drop: 'IP_LOCALNET',
        because: `${address} came in by ${dev}: a loopback ${what} from outside is a martian while route_localnet is 0`,
      }
  return undefined
}

/** For this machine, if the source may be. */
function toUs(skb: Skb, dev: string, here: Here, route: InputRoute, say: () => void): InputRoute {
  const source = validateSource(skb, dev, 'lo', here)
  if (!source.ok) return { drop: source.reason, because: source.because }
  say()
  return route
}

type Lost = Extract<InputRoute, { drop: DropReason }>

/** ip_error(): silent where nothing is forwarded. */
function unreached4({ error, because }: FibFailure, dev: string, forwards: boolean): Lost {
  if (!forwards)
    return {
      drop: 'IP_INNOROUTES',
      because: `${because}, and ${dev} does not forward (ip_forward is 0): dropped in silence`,
    }
  if (error === 'EINVAL') return { drop: 'X_BLACKHOLE', because }
  const tell = (
    { ENETUNREACH: 'net-unreachable', EHOSTUNREACH: 'host-unreachable', EACCES: 'prohibited' } as const
  )[error]
  return { drop: 'IP_INNOROUTES', because, tell }
}

/** ip6_pkt_drop() tells all the same; ip6_pkt_discard() says "no route" of an unreachable one as well. */
function unreached6({ error, because }: FibFailure): Lost {
  if (error === 'EINVAL') return { drop: 'X_BLACKHOLE', because }
  return { drop: 'IP_INNOROUTES', because, tell: error === 'EACCES' ? 'prohibited' : 'net-unreachable' }
}

/** __mkroute_input(): to another machine, if the source may come by this device. */
function onward(skb: Skb, dev: string, here: Here, { route, nexthop }: FibResult, say: Say): InputRoute {
  const { family, src, dst } = skb.packet
  const { space } = here
  const text = route.text.trim()
  if (route.type !== 'unicast' || nexthop?.dev === undefined)
    return { drop: 'IP_INVALID_DEST', because: `the route «${text}» leads nowhere` }
  const out = nexthop.dev
  const via = nexthop.via === undefined ? {} : { via: nexthop.via }
  const source = validateSource(skb, dev, out, here)
  if (!source.ok) return { drop: source.reason, because: source.because }
  const byWay = nexthop.via === undefined ? '' : `, by way of ${nexthop.via}`
  say('forward', `${dst} is behind ${out}${byWay}`, { dev: out, ...via, text })
  // ip6_forward() as well: back out of the device it came by, and its sender could have gone there itself
  const redirect =
    out === dev &&
    (family === 'ipv6' ||
      (source.onLink &&
        space.orConf(out, 'send_redirects') &&
        (space.orConf(out, 'shared_media') || onLink(here, out, src, nexthop.via))))
  return { to: 'forward', redirect, route: { type: 'unicast', dev: out, route, ...via } }
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
