import { ND, type Packet } from '../model/packet.js'
import type { Iface } from '../model/iface.js'
import type { Next } from '../path/room.js'
import type { Skb } from '../skb/skb.js'
import type { Ip } from '../values/ip.js'
import { PROTO } from '../values/proto.js'
import { answersDiscovery } from '../world/neighbour.js'
import { type Arrival, learnPath } from '../world/segment.js'
import { linkLocalOf, solicitedNode } from '../world/link-scope.js'
import { assume, type Here, note } from './here.js'
import { hearAsker } from './neighbours.js'
import type { Birth, RunState } from './run-state.js'

/** MAX_MULTICAST_SOLICIT and RETRANS_TIMER (s) of RFC 4861: mcast_solicit, retrans_time_ms. */
export const PROBES = 3
export const RETRANS = 1

/** RFC 4861, 7.1: a packet that a router has passed on is none of the neighbours'. */
const HOP_LIMIT = 255

/**
 * ndisc_solicit(), ndisc_send_ns() (net/ipv6/ndisc.c): asks, and lets the question and its answer go their ways before
 * anything else happens. The asker is the waiting packet's source, if the device has it, else its link-local address.
 */
export function solicit(
  here: Here,
  iface: Iface,
  address: Ip,
  waiting: Skb,
  found: Arrival | undefined,
): void {
  const { run, space } = here
  const src = iface.addresses.some(a => a.address === waiting.packet.src && !a.tentative)
    ? waiting.packet.src
    : linkLocalOf(iface)
  if (src === undefined) {
    const because = `it can't be asked who has ${address}: ${iface.name} has no link-local address to ask from`
    note(here, { kind: 'neighbour', address, dev: iface.name, because })
    return
  }
  const detour = found && shortcut(here, iface, found)
  run.walker({
    netns: space.name,
    room: 'local-out',
    skb: {
      ...bare(iface),
      packet: discoveryPacket(iface, ND.solicitation, { src, dst: solicitedNode(address), target: address }),
      route: { type: 'multicast', dev: iface.name },
      ...(detour && { straightTo: detour }),
    },
    because: `who has ${address}?`,
    cause: here.trace,
    resolves: here.trace.index,
  })
}

/** ndisc_alloc_skb() sets skb->dev, which POSTROUTING has for the device it came in by; the socket is the kernel's own. */
const bare = (iface: Iface) =>
  ({ mark: 0, priority: 0, pktType: 'host', noSocket: true, kernelSocket: true, inDev: iface.name }) as const

/** Both messages have 16 bytes of address and an option of 8 with the sender's MAC address. */
const discoveryPacket = (
  iface: Iface,
  type: number,
  { src, dst, target }: { src: Ip; dst: Ip; target: Ip },
): Packet => ({
  ...{ family: 'ipv6', src, dst, proto: PROTO.icmpv6, ttl: HOP_LIMIT, tos: 0, id: 0, payload: 24 },
  icmp: { type, code: 0, target, ...(iface.mac !== undefined && { lladdr: iface.mac }) },
  ...{ dontFragment: false, moreFragments: false, fragmentOffset: 0 },
})

/** Devices whose handling of groups is not simulated: a question over them is taken straight to whom it is for. */
const LONELY: ReadonlySet<string> = new Set(['vxlan', 'macvlan', 'ipvlan'])

function shortcut(here: Here, iface: Iface, found: Arrival): { netns: string; iface: string } | undefined {
  const chain: Arrival[] = []
  for (let a: Arrival | undefined = found; a; a = a.from) chain.push(a)
  const devices = [iface, ...chain.flatMap(a => [a.iface, a.space.iface(a.outPort)])]
  if (!devices.some(d => d && LONELY.has(d.kind))) return undefined
  learnPath(here, found, iface)
  for (const { space, iface: bridge } of chain)
    if (bridge.kind === 'bridge' && space !== found.space && space.bridgeNf(bridge, 'ipv6'))
      assume(
        here,
        `no rule of ${space.name} drops the neighbour solicitation that crosses ${bridge.name}`,
        'over VXLAN, macvlan and ipvlan devices it is not followed',
      )
  return { netns: found.space.name, iface: found.iface.name }
}

/** ndisc_rcv(): a solicitation or an advertisement has survived INPUT. */
export function discovered(skb: Skb, here: Here): Next<never> {
  const { icmp, ttl } = skb.packet
  const iface = here.space.iface(skb.dev)
  if (!iface || icmp?.target === undefined) return { dropped: 'X_IGNORED', because: 'it asks for no address' }
  if (ttl !== HOP_LIMIT)
    return {
      dropped: 'X_IGNORED',
      because: `neighbour discovery with a hop limit of ${ttl}, not ${HOP_LIMIT}`,
    }
  if (icmp.type === ND.advertisement) {
    note(here, {
      kind: 'delivered',
      to: 'the kernel (neighbours)',
      because: `${icmp.target} is at ${icmp.lladdr}`,
    })
    if (icmp.lladdr !== undefined && here.state.neighbours.isAsked(iface.name, icmp.target))
      here.state.neighbours.confirm(iface.name, icmp.target, icmp.lladdr)
    return { done: true }
  }
  return solicited(skb, here, iface, icmp.target)
}

/** ndisc_recv_ns(): whoever asks is known from now on, and is answered. */
function solicited(skb: Skb, here: Here, iface: Iface, target: Ip): Next<never> {
  const { src, icmp } = skb.packet
  if (!answersDiscovery(here.space, iface, target))
    return { dropped: 'X_IGNORED', because: `${iface.name} does not answer for ${target}` }
  note(here, { kind: 'delivered', to: 'the kernel (neighbours)', because: `${target} is ours` })
  if (icmp?.lladdr !== undefined) hearAsker(here.run, here.space, iface.name, src, icmp.lladdr)
  const own = iface.addresses.some(a => a.address === target)
  const from = own ? target : here.space.selectAddress(iface.name, src, 'ipv6', 'link')
  if (from === undefined) return { done: true }
  const answer: Birth = {
    netns: here.space.name,
    room: 'local-out',
    skb: {
      ...bare(iface),
      packet: discoveryPacket(iface, ND.advertisement, { src: from, dst: src, target }),
      // icmp6_dst_alloc(): no routing table is asked
      route: { type: 'unicast', dev: iface.name },
    },
    because: `${target} is at ${iface.mac}`,
    cause: here.trace,
    ...(here.trace.resolves !== undefined && { resolves: here.trace.resolves }),
  }
  here.run.answers.push(() => here.run.walker(answer))
  return { done: true }
}

/** For the end of a sentence: where the question about an address, or its answer, was dropped on purpose; nothing if it wasn't. */
export function whatBecameOf(run: RunState, address: Ip, from: number): string {
  for (const packet of run.trail.packets.slice(from).toReversed()) {
    if (packet.resolves === undefined || !packet.summary.endsWith(` for ${address}`)) continue
    const end = packet.events.findLast(e => e.kind === 'dropped' && e.reason === 'NETFILTER_DROP')
    if (end?.kind !== 'dropped') continue
    const what = packet.summary.includes('neighbour-solicitation') ? 'the question' : 'the answer'
    return ` (${what} is dropped in ${end.netns}: ${end.because})`
  }
  return ''
}
