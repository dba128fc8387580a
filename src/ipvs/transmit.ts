import { confirmConnection } from '../conntrack/confirm.js'
import { type Direction, directionOf } from '../conntrack/entry.js'
import type { HookResult, HookState } from '../netfilter/hook-op.js'
import { accept } from '../netfilter/hook-op.js'
import { multipath, noRoute, routeOutput } from '../routing/output.js'
import { type Here, isLoopback, note } from '../run/here.js'
import { encapsulateTo } from '../run/encapsulate.js'
import { ICMP, sendIcmpError } from '../run/icmp-error.js'
import { rewrite } from '../skb/rewrite.js'
import type { RouteResult, Skb } from '../skb/skb.js'
import type { DropReason } from '../trace/events.js'
import { PROTO } from '../values/proto.js'
import type { IpvsConnection } from './connection.js'

type Lost = Extract<HookResult, { verdict: 'STOLEN' }>
const lost = (reason: DropReason, because: string): Lost => ({
  ...{ verdict: 'STOLEN', by: 'IPVS', lost: { reason, because } },
})

/**
 * __ip_vs_get_out_rt(), __ip_vs_get_out_rt_v6(): the way to the real server, by its address alone: neither mark nor
 * source nor ports are asked. Where there is none the client is told (dst_link_failure()).
 */
function routeTo(c: IpvsConnection, skb: Skb, here: Here): RouteResult | Lost {
  const found = routeOutput(here.space, { dst: c.daddr, mark: 0 }, multipath(here))
  if (noRoute(found)) {
    const because = `IPVS finds no way to ${c.daddr}: ${found.because}`
    sendIcmpError(skb, ICMP[skb.packet.family]['host-unreachable'], here, because)
    return lost('IP_OUTNOROUTES', because)
  }
  // crosses_local_route_boundary(): nobody else answers to a loopback address
  if (found.route.type !== 'local' && isLoopback(skb.packet.src))
    return lost('IP_INVALID_SOURCE', `IPVS sends nothing from ${skb.packet.src} to another machine`)
  // ip_vs_dr_xmit(): the packet keeps the virtual address, but the frame goes to the real server
  const direct = c.method === 'Route' && found.route.type !== 'local' && found.route.via === undefined
  return direct ? { ...found.route, via: c.daddr } : found.route
}

/** cp->packet_xmit: ip_vs_nat_xmit(), ip_vs_dr_xmit(), ip_vs_tunnel_xmit(), ip_vs_null_xmit() (ip_vs_xmit.c). */
export function transmit(skb: Skb, c: IpvsConnection, state: HookState): HookResult {
  const { here } = state
  if (c.method === 'Local') return accept({ ...skb, ipvsProperty: true })
  const route = routeTo(c, skb, here)
  if ('verdict' in route) return route
  const local = route.type === 'local'
  // ip_vs_nat_xmit(): "From world but DNAT to loopback address?"
  if (local && c.method === 'Masq' && isLoopback(c.daddr) && state.hook === 'INPUT' && state.in !== 'lo')
    return lost('IP_LOCALNET', `IPVS sends nothing from ${state.in} to ${c.daddr}`)
  let out = skb
  if (!local) {
    if (skb.packet.ttl <= 1) {
      sendIcmpError(skb, ICMP[skb.packet.family]['ttl-exceeded'], here, 'the TTL ended at IPVS')
      return lost('TTL_EXCEEDED', 'the TTL ended at IPVS')
    }
    out = rewrite(out, { ttl: skb.packet.ttl - 1 }, 'IPVS (decrement_ttl)', here)
  }
  if (c.method === 'Masq') out = rewrite(out, { dst: c.daddr, dport: c.dport }, 'IPVS: the real server', here)
  if (c.method === 'Tunnel' && !local) {
    // ip_vs_tunnel_xmit_prepare(): its connection is entered here if conntrack is to know it; the wrapping has its own
    const why = c.conntrack ? confirmConnection(out, here) : undefined
    return why === undefined ? encapsulateTo(out, route, c.daddr, here) : lost('X_CONNTRACK', why)
  }
  out = settleConntrack({ ...out, ipvsProperty: true }, c, 'in', here)
  if (local) {
    note(here, {
      kind: 'ipvs',
      action: 'translate',
      because: `${c.daddr} is on this machine: the packet goes on where it is`,
    })
    return accept(out)
  }
  note(here, {
    kind: 'ipvs',
    action: 'translate',
    because: `IPVS takes it away (STOLEN) and sends it to ${c.daddr} through OUTPUT; FORWARD is not passed`,
  })
  return { verdict: 'STOLEN', by: 'IPVS', resume: { room: 'local-out', skb: { ...out, route } } }
}

/** An ICMP error that goes on to the real server like a request: ip_vs_icmp_xmit(). */
export function leaveAlone(skb: Skb, c: IpvsConnection, here: Here): HookResult {
  const route = routeTo(c, skb, here)
  if ('verdict' in route) return route
  const out = settleConntrack({ ...skb, ipvsProperty: true }, c, 'in', here)
  return route.type === 'local'
    ? accept(out)
    : { verdict: 'STOLEN', by: 'IPVS', resume: { room: 'local-out', skb: { ...out, route } } }
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
