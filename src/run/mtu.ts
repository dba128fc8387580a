import type { Packet } from '../model/packet.js'
import type { RouteResult, Skb } from '../skb/skb.js'
import { packetLength } from '../skb/packet-summary.js'
import type { Ip } from '../values/ip.js'
import type { Space } from '../world/space.js'
import { assume, type Here } from './here.js'
import type { NetnsState } from './run-state.js'

/** net.ipv4.route.min_pmtu, IPV6_MIN_MTU: no error makes a path narrower than that. */
const LEAST = { ipv4: 552, ipv6: 1280 } as const

/** dst_mtu() without what was learned: the route's own `mtu`, else the device's. */
export function routeMtu(space: Space, route: Pick<RouteResult, 'dev' | 'route'>): number {
  const given = /\bmtu (?:lock )?(\d{2,5})\b/.exec(route.route?.text ?? '')?.[1]
  return given === undefined ? (space.iface(route.dev)?.mtu ?? 1500) : Number(given)
}

const learned = (state: NetnsState): Map<Ip, number> =>
  state.memory.get('path MTU', () => new Map<Ip, number>())

/** What a program's packets to an address may have: the route's, or what an ICMP error has told. */
export const pathMtu = (here: Pick<Here, 'space' | 'state'>, route: RouteResult, dst: Ip): number =>
  Math.min(routeMtu(here.space, route), learned(here.state).get(dst) ?? Number.POSITIVE_INFINITY)

/** ip_rt_update_pmtu(), ip6_rt_update_pmtu(): an error has told how much fits on the way to an address. */
export function learnMtu(here: Here, quoted: Packet, mtu: number): void {
  const known = learned(here.state)
  const told = Math.max(mtu, LEAST[quoted.family])
  known.set(quoted.dst, Math.min(told, known.get(quoted.dst) ?? told))
}

/** IPV4_MAX_PMTU: no packet of IPv4 is longer, though lo takes more. */
const LONGEST4 = 65_535

/** Data of TCP that fits, without time stamps. */
export const fittingMss = (mtu: number, family: Packet['family']): number =>
  family === 'ipv4' ? Math.min(mtu, LONGEST4) - 40 : mtu - 60

/** net.ipv4.route.min_adv_mss, net.ipv6.route.min_adv_mss */
const LEAST_OFFER = { ipv4: 256, ipv6: 1220 } as const

/** dst_metric_advmss(): what a SYN offers: the route's own `advmss`, else what fits (ipv4_default_advmss(), ip6_default_advmss()). */
export function offeredMss(route: Pick<RouteResult, 'route'>, mtu: number, family: Packet['family']): number {
  const given = /\badvmss (?:lock )?(\d+)\b/.exec(route.route?.text ?? '')?.[1]
  return given === undefined ? Math.max(fittingMss(mtu, family), LEAST_OFFER[family]) : Number(given)
}

/** Bytes of data that go into one segment; 12 bytes of each are for time stamps. */
export const segmentSize = (mss: number): number => Math.max(1, mss - 12)

/** Does an ICMP error say that a packet was too long? */
export const saysTooBig = ({ family, icmp }: Packet): boolean =>
  family === 'ipv4' ? icmp?.type === 3 && icmp.code === 4 : icmp?.type === 2

/**
 * ip_exceeds_mtu(), ip6_pkt_too_big(): must the packet be refused with an ICMP error because it doesn't fit? In IPv4
 * it must be marked "don't fragment"; in IPv6 only its sender may fragment, and did so to `fragmentedTo`.
 */
export function exceeds(packet: Packet, mtu: number): boolean {
  const size = packet.fragmentedTo ?? packetLength(packet)
  return size > mtu && (packet.family === 'ipv6' || packet.dontFragment)
}

/**
 * ip_finish_output(), ip_fragment(): a packet that may be cut is cut to fit. The pieces are followed as one packet: connection
 * tracking puts them together before any rule sees them; without it rules see later pieces without ports.
 */
export function fragmented(skb: Skb, mtu: number, here: Here): Skb {
  const { packet } = skb
  const size = packet.fragmentedTo ?? packetLength(packet)
  if (size <= mtu || (packet.dontFragment && packet.fragmentedTo === undefined)) return skb
  assume(here, cutUp(packet, mtu, here.space.name), 'what would befall a single fragment is not simulated')
  return { ...skb, packet: { ...packet, fragmentedTo: mtu } }
}

/** That a packet is cut, in words. */
export const cutUp = (packet: Packet, mtu: number, netns: string): string => {
  const pieces = Math.ceil(packetLength(packet) / Math.max(8, mtu - (packet.family === 'ipv4' ? 20 : 48)))
  return `a packet of ${packetLength(packet)} bytes leaves ${netns} in ${pieces} fragments of at most ${mtu} bytes, which are followed as one packet`
}

/** VLAN_HLEN. */
const TAG = 4

/**
 * is_skb_forwardable(): a cable or bridge port takes no frame above its MTU (and a VLAN tag), and tells nobody.
 * @param exact without room for a tag
 */
export function tooLongForLink(packet: Packet, mtu: number | undefined, exact = false): boolean {
  return mtu !== undefined && (packet.fragmentedTo ?? packetLength(packet)) > mtu + (exact ? 0 : TAG)
}
