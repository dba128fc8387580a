import { isIcmpError } from '../conntrack/packet-tuple.js'
import type { IpvsTable } from '../model/ipvs.js'
import { type Packet, TCP } from '../model/packet.js'
import type { HookResult, HookState } from '../netfilter/hook-op.js'
import { accept } from '../netfilter/hook-op.js'
import { rerouteOutput } from '../routing/reroute.js'
import { type Here, note } from '../run/here.js'
import { ICMP, sendIcmpError } from '../run/icmp-error.js'
import { rewrite, rewriteInner } from '../skb/rewrite.js'
import type { Skb } from '../skb/skb.js'
import { PROTO } from '../values/proto.js'
import { connectionLine, type IpvsConnection } from './connection.js'
import { schedule } from './schedule.js'
import { findService, serviceName } from './service.js'
import { nextState } from './states.js'
import { leaveAlone, settleConntrack, transmit } from './transmit.js'

const balanced = (proto: number): boolean =>
  proto === PROTO.tcp || proto === PROTO.udp || proto === PROTO.sctp

/** ip_vs_in_hook() (net/netfilter/ipvs/ip_vs_core.c): requests, at INPUT from others and at OUTPUT from here. */
export function ipvsIn(skb: Skb, state: HookState): HookResult {
  const { here, hook } = state
  const { packet } = skb
  if (skb.ipvsProperty || (hook !== 'OUTPUT' && skb.pktType !== 'host') || packet.fragmentOffset > 0)
    return accept(skb)
  const table = here.space.netns.ipvs
  if (!table) return accept(skb)
  if (isIcmpError(packet)) return errorIn(skb, here)
  if (!balanced(packet.proto)) return accept(skb)
  const found = existing(skb, here)
  if (found === 'drop')
    return {
      verdict: 'DROP',
      reason: 'X_IPVS',
      because: 'IPVS knows the connection, but not its real server any more',
    }
  let connection = found
  if (!connection) {
    const service = findService(table, packet.proto, packet.dst, packet.dport ?? 0, skb.mark)
    if (!service) return accept(skb)
    if (!begins(skb, here)) {
      note(here, {
        kind: 'ipvs',
        action: 'skip',
        because: `only a SYN opens a connection to ${serviceName(service)}: IPVS lets it pass`,
      })
      return accept(skb)
    }
    connection = schedule(service, skb, here)
    if (!connection) return noDestination(skb, state, serviceName(service))
  }
  advance(connection, skb, 'in', here)
  note(here, {
    kind: 'ipvs',
    action: 'connection',
    because: 'the connection that IPVS keeps for it',
    connection: connectionLine(connection, here.run.now),
  })
  return transmit(skb, connection, state)
}

/** tcp_conn_schedule() (ip_vs_proto_tcp.c): a SYN, even with ACK, or with sloppy_tcp anything but a reset. */
function begins({ packet }: Skb, here: Here): boolean {
  if (packet.proto !== PROTO.tcp) return true
  const flags = packet.tcpFlags ?? 0
  if (flags & TCP.RST) return false
  return (flags & TCP.SYN) !== 0 || here.space.number('net.ipv4.vs.sloppy_tcp') !== 0
}

/** ip_vs_in_hook(): the connection that a request belongs to, unless it is to be scheduled anew, or can't go on. */
function existing(skb: Skb, here: Here): IpvsConnection | 'drop' | undefined {
  const { packet } = skb
  const { connections } = here.state.ipvs
  const c = connections.incoming(
    packet.proto,
    packet.src,
    packet.sport ?? 0,
    packet.dst,
    packet.dport ?? 0,
    here.run.now,
  )
  if (!c) return undefined
  const why = whyAnew(c, skb, here)
  if (why === undefined) {
    if (c.server || !c.loaded) return c
    if (here.space.number('net.ipv4.vs.expire_nodest_conn') === 0) return 'drop'
  }
  connections.remove(c)
  note(here, {
    kind: 'ipvs',
    action: 'skip',
    because: `the connection that IPVS kept is ended: ${why ?? 'its real server is gone, and net.ipv4.vs.expire_nodest_conn is 1'}`,
  })
  // ip_vs_conn_uses_old_conntrack(): the entry of old leads to the old server, so it ends with the connection
  // (ip_vs_conn_drop_conntrack()), and this packet is lost; its repetition begins anew
  if (!c.conntrack || skb.ct?.kind !== 'tracked' || !skb.ct.entry.confirmed) return undefined
  here.state.conntrack.remove(skb.ct.entry)
  return 'drop'
}

/** Why a SYN starts a new connection in spite of an old one: is_new_conn_expected(), expire_nodest_conn. */
function whyAnew(c: IpvsConnection, { packet }: Skb, here: Here): string | undefined {
  if (packet.proto !== PROTO.tcp || !((packet.tcpFlags ?? 0) & TCP.SYN)) return undefined
  if (c.server?.weight === 0 && here.space.number('net.ipv4.vs.expire_nodest_conn') !== 0)
    return 'its real server has weight 0, and net.ipv4.vs.expire_nodest_conn is 1'
  const reuse = here.space.number('net.ipv4.vs.conn_reuse_mode', 1)
  if (reuse === 0 || c.template) return undefined
  if (c.state === 'TIME_WAIT' || (c.state === 'FIN_WAIT' && (reuse & 2) !== 0 && c.method !== 'Masq'))
    return `it is in ${c.state}, and a SYN may use its ports again (net.ipv4.vs.conn_reuse_mode is ${reuse})`
  return undefined
}

/** ip_vs_leave(): no server, so the client is told at once, in the Service's name. */
function noDestination(skb: Skb, state: HookState, service: string): HookResult {
  const because = `IPVS has no destination for ${service}`
  // the packet is for an address of this machine, so the error comes from that address
  const routed = skb.route ? { ...skb, route: { ...skb.route, type: 'local' as const } } : skb
  sendIcmpError(routed, ICMP[skb.packet.family]['port-unreachable'], state.here, because)
  return { verdict: 'DROP', reason: 'X_IPVS', because }
}

/** ip_vs_out_hook(): answers of a real server, at INPUT, OUTPUT and FORWARD, get the Service's address back. */
export function ipvsOut(skb: Skb, state: HookState): HookResult {
  const { here } = state
  const { packet } = skb
  if (skb.ipvsProperty || !here.space.netns.ipvs || packet.fragmentOffset > 0) return accept(skb)
  if (isIcmpError(packet)) return errorOut(skb, state)
  if (!balanced(packet.proto)) return accept(skb)
  const c = here.state.ipvs.connections.outgoing(
    packet.proto,
    packet.src,
    packet.sport ?? 0,
    packet.dst,
    packet.dport ?? 0,
    here.run.now,
  )
  if (!c && isStray(skb, here.space.netns.ipvs, here)) {
    const because = `IPVS knows no connection for this answer of a real server (net.ipv4.vs.nat_icmp_send is 1)`
    sendIcmpError(skb, ICMP[packet.family]['port-unreachable'], here, because)
    return { verdict: 'DROP', reason: 'X_IPVS', because }
  }
  if (!c) return accept(skb)
  advance(c, skb, 'out', here)
  // handle_response(): an answer of direct routing or of a server of this machine has the right address already
  if (c.method !== 'Masq') return accept(settleConntrack({ ...skb, ipvsProperty: true }, c, 'out', here))
  const translated = rewrite(
    skb,
    { src: c.vaddr, sport: c.vport },
    "IPVS: the answer gets the Service's address",
    here,
  )
  return answered(translated, c, state)
}

/** handle_response(), handle_response_icmp(), once the packet has the Service's address. */
function answered(translated: Skb, c: IpvsConnection, state: HookState): HookResult {
  const { here, hook } = state
  const settled = settleConntrack({ ...translated, ipvsProperty: true }, c, 'out', here)
  // ip_vs_route_me_harder(): what goes to remote clients is routed anew by its new source; bridged packets have no route
  const remote = hook !== 'INPUT' && settled.route !== undefined && settled.route.type !== 'local'
  if (remote && !state.bridged && here.space.number('net.ipv4.vs.snat_reroute', 1) !== 0)
    return rerouteOutput(settled, here)
  return accept(settled)
}

/** ip_vs_has_real_service(), asked for by nat_icmp_send: from a Masq server's port, and no reset. */
function isStray({ packet }: Skb, table: IpvsTable, here: Here): boolean {
  if (here.space.number('net.ipv4.vs.nat_icmp_send') === 0) return false
  if (packet.proto === PROTO.tcp && (packet.tcpFlags ?? 0) & TCP.RST) return false
  return table.services.some(
    ({ id, realServers }) =>
      (id.kind === 'fwmark' || PROTO[id.proto.toLowerCase() as 'tcp' | 'udp' | 'sctp'] === packet.proto) &&
      realServers.some(r => r.method === 'Masq' && r.address === packet.src && r.port === packet.sport),
  )
}

/** The connection of the packet that an error quotes, found as its answer would be. */
function quotedConnection(
  { packet }: Skb,
  way: 'incoming' | 'outgoing',
  here: Here,
): IpvsConnection | undefined {
  const { inner } = packet
  if (!inner || !balanced(inner.proto)) return undefined
  const { connections } = here.state.ipvs
  return connections[way](inner.proto, inner.dst, inner.dport ?? 0, inner.src, inner.sport ?? 0, here.run.now)
}

/** ip_vs_nat_icmp(), out direction: an error about a translated request, on its way to the client. */
function errorOut(skb: Skb, state: HookState): HookResult {
  const { here } = state
  const c = quotedConnection(skb, 'outgoing', here)
  if (c?.method !== 'Masq') return accept(skb)
  const by = "IPVS: the error is told in the Service's name"
  const quoted = rewriteInner(skb, { dst: c.vaddr, dport: c.vport }, by, here)
  return answered(rewrite(quoted, { src: c.vaddr }, by, here), c, state)
}

/** ip_vs_in_icmp(): an error of the client about an answer goes to the real server. */
function errorIn(skb: Skb, here: Here): HookResult {
  const { inner } = skb.packet
  if (inner?.proto === PROTO.ipip && inner.inner) return tunnelError(skb, inner, inner.inner, here)
  const c = quotedConnection(skb, 'incoming', here)
  if (c?.method !== 'Masq') return accept(skb)
  const by = 'IPVS: an error about an answer goes to the real server'
  const quoted = rewriteInner(skb, { src: c.daddr, sport: c.dport }, by, here)
  return leaveAlone(rewrite(quoted, { dst: c.daddr }, by, here), c, here)
}

/**
 * ip_vs_in_icmp(), of what IPVS wrapped for a real server: the client is told the same about its request, in the
 * Service's name.
 */
function tunnelError(skb: Skb, wrapped: Packet, request: Packet, here: Here): HookResult {
  const { connections } = here.state.ipvs
  const isTunnel = here.space.netns.ipvs!.services.some(s =>
    s.realServers.some(r => r.method === 'Tunnel' && r.address === wrapped.dst),
  )
  const { src, sport = 0, dst, dport = 0 } = request
  if (!isTunnel || !connections.incoming(request.proto, src, sport, dst, dport, here.run.now))
    return accept(skb)
  const because = `an error came back from the tunnel to ${wrapped.dst}: the client is told the same`
  sendIcmpError({ ...skb, packet: request }, skb.packet.icmp!, here, because)
  return { verdict: 'STOLEN', by: 'IPVS', lost: { reason: 'X_IPVS', because } }
}

function advance(c: IpvsConnection, { packet }: Skb, way: 'in' | 'out', here: Here): void {
  const state = nextState(c, packet, way === 'in' ? 'client' : 'server')
  here.state.ipvs.connections.touch(c, state, way, here.run.now)
}
