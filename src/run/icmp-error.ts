import { failed } from '../routing/fib.js'
import { directionOf } from '../conntrack/entry.js'
import { isIcmpError } from '../conntrack/packet-tuple.js'
import type { Packet } from '../model/packet.js'
import { multipath, noRoute, routeOutput } from '../routing/output.js'
import type { Skb } from '../skb/skb.js'
import { packetSummary } from '../skb/packet-summary.js'
import type { Ip } from '../values/ip.js'
import type { Space } from '../world/space.js'
import { type Here, icmpProtoOf, isMulticast, isUnspecified, note } from './here.js'

/** The errors that the path itself makes; REJECT has more. */
export const ICMP = {
  ipv4: {
    'net-unreachable': { type: 3, code: 0 },
    'host-unreachable': { type: 3, code: 1 },
    'proto-unreachable': { type: 3, code: 2 },
    'port-unreachable': { type: 3, code: 3 },
    prohibited: { type: 3, code: 13 },
    'ttl-exceeded': { type: 11, code: 0 },
    'redirect-host': { type: 5, code: 1 },
    'too-big': { type: 3, code: 4 },
  },
  ipv6: {
    'net-unreachable': { type: 1, code: 0 },
    'host-unreachable': { type: 1, code: 3 },
    'proto-unreachable': { type: 4, code: 1 },
    'port-unreachable': { type: 1, code: 4 },
    prohibited: { type: 1, code: 1 },
    'ttl-exceeded': { type: 3, code: 0 },
    'redirect-host': { type: 137, code: 0 },
    'too-big': { type: 2, code: 0 },
    'beyond-scope': { type: 1, code: 2 },
  },
} as const
export type IcmpErrorName = keyof (typeof ICMP)['ipv4']

/**
 * nf_conntrack_attach(), called by icmp_glue_bits(): an error is tied to the connection of the packet that it is
 * about, which need not be in the table yet, and goes the other way.
 */
export function attached(skb: Skb): Pick<Skb, 'ct'> {
  if (skb.ct?.kind === 'untracked') return { ct: { kind: 'detached' } }
  if (skb.ct?.kind !== 'tracked') return {}
  return {
    ct: {
      kind: 'tracked',
      entry: skb.ct.entry,
      info: directionOf(skb.ct.info) === 'reply' ? 'RELATED' : 'RELATED_REPLY',
    },
  }
}

/** What an error says besides, and whether it is about a bridged packet: that is answered from the address of the way back. */
interface ErrorDetails {
  readonly gateway?: Ip
  readonly mtu?: number
  readonly bridged?: boolean
}

/**
 * __icmp_send() (net/ipv4/icmp.c), icmp6_send(): an error about a packet, to its source. None is made about
 * broadcasts, later fragments, or other ICMP errors.
 */
export function sendIcmpError(
  skb: Skb,
  what: { readonly type: number; readonly code: number },
  here: Here,
  because: string,
  { bridged = false, ...extra }: ErrorDetails = {},
): void {
  const old = skb.packet
  if (old.fragmentOffset > 0 || isIcmpError(old)) return
  if (isMulticast(old.dst) || isUnspecified(old.src) || isMulticast(old.src)) return
  if (skb.pktType === 'broadcast' || skb.pktType === 'multicast' || skb.route?.type === 'broadcast') return
  const { space } = here
  const mark = space.replyMark(skb.mark, old.family)
  const src = bridged ? undefined : speaker(skb, space)
  const found = routeOutput(
    space,
    {
      dst: old.src,
      ...(src === undefined ? {} : { src }),
      mark,
      proto: icmpProtoOf(old.family),
    },
    multipath(here),
  )
  if (noRoute(found)) {
    note(here, { kind: 'makes', packet: 'no ICMP error', because: `${because}, but ${found.because}` })
    return
  }
  const { eth: _, ...quoted } = old
  if (found.route.type !== 'local' && !here.state.icmpRate.allows(old.src, what.type, here.run.now)) {
    note(here, {
      kind: 'makes',
      packet: 'no ICMP error',
      because: `${because}, but ${old.src} has been told enough for now (icmp_ratelimit)`,
    })
    return
  }
  const packet: Packet = {
    family: old.family,
    src: found.src,
    dst: old.src,
    proto: icmpProtoOf(old.family),
    icmp: { ...what, ...extra },
    ttl: 64,
    // icmp_pointers[].error: precedence internetwork control
    tos: old.family === 'ipv4' ? (old.tos & 0x1e) | 0xc0 : 0,
    id: here.run.nextIpId(),
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    payload: 0,
    inner: quoted,
  }
  note(here, { kind: 'makes', packet: packetSummary(packet), because })
  here.run.sendAtOnce({
    netns: here.space.name,
    room: 'local-out',
    skb: {
      packet,
      ...attached(skb),
      mark,
      priority: 0,
      pktType: 'host',
      noSocket: true,
      kernelSocket: true,
      route: found.route,
    },
    because,
    cause: here.trace,
  })
}

/**
 * The source of an error, where it is not left to the way back: a packet that was for us is answered from the address that
 * it was sent to; icmp_errors_use_inbound_ifaddr wants one of the device that a forwarded one came in by, and IPv6 does
 * so anyway, unless the route back names a source (icmp6_send()).
 */
function speaker(
  { route, inDev, redirect, packet: { family, src, dst } }: Skb,
  space: Space,
): Ip | undefined {
  if (route?.type === 'local') return space.isLocal(dst) ? dst : undefined
  if (inDev === undefined) return undefined
  if (family === 'ipv6') {
    const back = space.fib('ipv6').lookup({ dst: src, mark: 0 })
    // icmpv6_rt_has_prefsrc(); IP6CB()->iif is where it leaves by, if it counts as sent back
    if (failed(back) || back.route.src !== undefined) return undefined
    return space.selectAddress(redirect ? (route?.dev ?? inDev) : inDev, src, 'ipv6', 'link')
  }
  if (space.number('net.ipv4.icmp_errors_use_inbound_ifaddr') === 0) return undefined
  return space.selectAddress(inDev, src, family, 'link')
}
