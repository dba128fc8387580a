import { confirmConnection } from '../conntrack/confirm.js'
import { isIcmpError } from '../conntrack/packet-tuple.js'
import { type Direction, directionOf } from '../conntrack/entry.js'
import type { HookResult, HookState } from '../netfilter/hook-op.js'
import { accept } from '../netfilter/hook-op.js'
import { multipath, noRoute, routeOutput } from '../routing/output.js'
import { type Here, isLoopback, note } from '../run/here.js'
import { encapsulateTo } from '../run/encapsulate.js'
import { ICMP, sendIcmpError } from '../run/icmp-error.js'
import { exceeds, routeMtu } from '../run/mtu.js'
import { packetLength } from '../skb/packet-summary.js'
import { rewrite, rewriteInner } from '../skb/rewrite.js'
import type { RouteResult, Skb } from '../skb/skb.js'
import type { DropReason } from '../trace/events.js'
import type { Ip } from '../values/ip.js'
import { PROTO } from '../values/proto.js'
import type { IpvsConnection } from './connection.js'

type Lost = Extract<HookResult, { verdict: 'STOLEN' }>
const lost = (reason: DropReason, because: string): Lost => ({
  ...{ verdict: 'STOLEN', by: 'IPVS', lost: { reason, because } },
})

/** IP_VS_RT_MODE_*: where a way to a real server may lead. */
interface Mode {
  readonly local: boolean
  readonly elsewhere: boolean
  /** IP_VS_RT_MODE_RDR: to this machine, though the packet was not for it. */
  readonly redirect: boolean
}
const MODES = {
  Masq: { local: true, elsewhere: true, redirect: true },
  Route: { local: true, elsewhere: true, redirect: false },
  Tunnel: { local: true, elsewhere: true, redirect: false },
  Bypass: { local: false, elsewhere: true, redirect: false },
} as const satisfies Record<string, Mode>

interface Way {
  readonly skb: Skb
  readonly route: RouteResult
  readonly local: boolean
}

/**
 * __ip_vs_get_out_rt(), __ip_vs_get_out_rt_v6(): the way to the real server, by its address alone: neither mark nor
 * source nor ports are asked. Where there is none the client is told (dst_link_failure()).
 */
function wayTo(c: IpvsConnection, skb: Skb, mode: Mode, here: Here): Way | Lost {
  const { packet } = skb
  const daddr = c.method === 'Bypass' ? packet.dst : c.daddr
  const found = routeOutput(here.space, { dst: daddr, mark: 0 }, multipath(here))
  if (noRoute(found)) {
    const because = `IPVS finds no way to ${daddr}: ${found.because}`
    sendIcmpError(skb, ICMP[packet.family]['host-unreachable'], here, because)
    return lost('IP_OUTNOROUTES', because)
  }
  const { route } = found
  const local = route.type === 'local'
  const astray = crosses(skb, daddr, local, mode)
  if (astray !== undefined) return astray
  if (local) return { skb, route, local }
  // decrement_ttl()
  if (packet.ttl <= 1) {
    sendIcmpError(skb, ICMP[packet.family]['ttl-exceeded'], here, 'the TTL ended at IPVS')
    return lost('TTL_EXCEEDED', 'the TTL ended at IPVS')
  }
  const hopped = rewrite(skb, { ttl: packet.ttl - 1 }, 'IPVS (decrement_ttl)', here)
  // ensure_mtu_is_adequate(): of an error, or into a tunnel with pmtu_disc 0, nothing is too long
  const isTunnel = c.method === 'Tunnel'
  const mtu = routeMtu(here.space, route) - (isTunnel ? IPIP_HEADER[packet.family] : 0)
  const isMeasured =
    !isIcmpError(packet) &&
    !(isTunnel && packet.family === 'ipv4' && here.space.number('net.ipv4.vs.pmtu_disc', 1) === 0)
  if (isMeasured && exceeds(packet, mtu)) {
    const because = `${packetLength(packet)} bytes do not fit into the ${mtu} on the way to ${daddr}, and it must not be cut`
    sendIcmpError(hopped, ICMP[packet.family]['too-big'], here, because, { mtu })
    return lost('PKT_TOO_BIG', because)
  }
  // ip_vs_dr_xmit(): the packet keeps the virtual address, but the frame goes to the real server
  const isDirect = c.method === 'Route' && route.via === undefined
  return { skb: hopped, route: isDirect ? { ...route, via: daddr } : route, local }
}

/** What IPVS puts before a packet in a tunnel. */
const IPIP_HEADER = { ipv4: 20, ipv6: 40 } as const

/** crosses_local_route_boundary(): between this machine and others not every way is open. */
function crosses({ packet, route }: Skb, daddr: Ip, local: boolean, mode: Mode): Lost | undefined {
  if (local) {
    if (mode.local && (mode.redirect || route?.type === 'local')) return undefined
    return lost('X_IPVS', `${daddr} is on this machine, where IPVS may not lead this packet`)
  }
  if (!mode.elsewhere)
    return lost('X_IPVS', `${daddr} is on another machine, where IPVS may not lead this packet`)
  // nobody else answers to a loopback address
  return isLoopback(packet.src)
    ? lost('IP_INVALID_SOURCE', `IPVS sends nothing from ${packet.src} to another machine`)
    : undefined
}

/** cp->packet_xmit: ip_vs_nat_xmit(), ip_vs_dr_xmit(), ip_vs_tunnel_xmit(), ip_vs_bypass_xmit(), ip_vs_null_xmit() (ip_vs_xmit.c). */
export function transmit(skb: Skb, c: IpvsConnection, state: HookState): HookResult {
  const { here } = state
  if (c.method === 'Local') return accept(settleConntrack({ ...skb, ipvsProperty: true }, c, 'in', here))
  const way = wayTo(c, skb, MODES[c.method], here)
  if ('verdict' in way) return way
  const { route, local } = way
  const astray = fromOutside(c, local, state)
  if (astray) return astray
  let out = way.skb
  if (c.method === 'Masq') out = rewrite(out, { dst: c.daddr, dport: c.dport }, 'IPVS: the real server', here)
  if (c.method === 'Tunnel' && !local) {
    // ip_vs_tunnel_xmit_prepare(): its connection is entered here if conntrack is to know it; the wrapping has its own
    const why = c.conntrack ? confirmConnection(out, here) : undefined
    return why === undefined ? encapsulateTo(out, route, c.daddr, here) : lost('X_CONNTRACK', why)
  }
  return sendOn({ ...way, skb: out }, c, here)
}

/** ip_vs_nat_xmit(), ip_vs_icmp_xmit(): "From world but DNAT to loopback address?" */
const fromOutside = (c: IpvsConnection, local: boolean, state: HookState): Lost | undefined =>
  local && c.method === 'Masq' && isLoopback(c.daddr) && state.hook === 'INPUT' && state.in !== 'lo'
    ? lost('IP_LOCALNET', `IPVS sends nothing from ${state.in} to ${c.daddr}`)
    : undefined

/** ip_vs_nat_send_or_cont(), ip_vs_send_or_cont(). */
function sendOn({ skb, route, local }: Way, c: IpvsConnection, here: Here): HookResult {
  const out = settleConntrack({ ...skb, ipvsProperty: true }, c, 'in', here)
  const to = c.method === 'Bypass' ? skb.packet.dst : c.daddr
  note(here, {
    kind: 'ipvs',
    action: 'translate',
    because: local
      ? `${to} is on this machine: the packet goes on where it is`
      : `IPVS takes it away (STOLEN) and sends it to ${to} through OUTPUT; FORWARD is not passed`,
  })
  return local
    ? accept(out)
    : { verdict: 'STOLEN', by: 'IPVS', resume: { room: 'local-out', skb: { ...out, route } } }
}

/** ip_vs_icmp_xmit(): an ICMP error about an answer goes to the real server, like a request. */
export function transmitError(skb: Skb, c: IpvsConnection, state: HookState): HookResult {
  if (c.method !== 'Masq') return transmit(skb, c, state)
  const { here, hook } = state
  // "LOCALNODE from FORWARD hook is not supported"
  const way = wayTo(c, skb, { ...MODES.Masq, local: hook !== 'FORWARD' }, here)
  if ('verdict' in way) return way
  const astray = fromOutside(c, way.local, state)
  if (astray) return astray
  const by = 'IPVS: an error about an answer goes to the real server'
  const quoted = rewriteInner(way.skb, { src: c.daddr, sport: c.dport }, by, here)
  return sendOn({ ...way, skb: rewrite(quoted, { dst: c.daddr }, by, here) }, c, here)
}

/** IP_VS_CONN_F_ONE_PACKET: no answer is expected. */
export const isForgotten = ({ proto, service }: Pick<IpvsConnection, 'proto' | 'service'>): boolean =>
  proto === PROTO.udp && service?.onePacket === true

/**
 * ip_vs_update_conntrack() or ip_vs_notrack(): with net.ipv4.vs.conntrack 1 the entry learns where the reply will
 * come from (before it is confirmed); with 0 the packet is taken out of tracking.
 */
export function settleConntrack(skb: Skb, c: IpvsConnection, way: 'in' | 'out', here: Here): Skb {
  if (!c.conntrack) {
    // what conntrack found INVALID stays so
    if (skb.ct?.kind !== 'tracked') return skb
    note(here, {
      kind: 'conntrack',
      action: 'untracked',
      because: 'IPVS takes it out of tracking (net.ipv4.vs.conntrack is 0)',
    })
    return { ...skb, ct: { kind: 'untracked' } }
  }
  if (skb.ct?.kind !== 'tracked') return skb
  const { entry, info } = skb.ct
  if (entry.confirmed || entry.dying || c.method !== 'Masq' || isForgotten(c)) return skb
  const dir: Direction = directionOf(info)
  if (dir !== 'original') return skb
  const reply =
    way === 'in'
      ? { ...entry.reply, src: { address: c.daddr, port: c.dport } }
      : { ...entry.reply, dst: { address: c.vaddr, port: c.vport } }
  here.state.conntrack.alterReply(entry, reply)
  entry.ipvs = true
  note(here, {
    kind: 'conntrack',
    action: 'state',
    id: entry.id,
    because: `IPVS writes into #${entry.id} where the reply will come from: ${reply.src.address}:${reply.src.port}`,
  })
  return skb
}
