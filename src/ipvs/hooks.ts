import { isIcmpError } from '../conntrack/packet-tuple.js'
import { TCP } from '../model/packet.js'
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
  const { connections } = here.state.ipvs
  const sport = packet.sport ?? 0
  const dport = packet.dport ?? 0
  let connection = connections.incoming(packet.proto, packet.src, sport, packet.dst, dport, here.run.now)
  if (!connection) {
    const service = findService(table, packet.proto, packet.dst, dport, skb.mark)
    if (!service) return accept(skb)
    const begins =
      packet.proto !== PROTO.tcp || ((packet.tcpFlags ?? 0) & (TCP.SYN | TCP.ACK | TCP.RST)) === TCP.SYN
    if (!begins) {
      note(here, {
        kind: 'ipvs',
        action: 'skip',
        because: `only a SYN opens a connection to ${serviceName(service)}: IPVS lets it pass`,
      })
      return accept(skb)
    }
    const server = schedule(service, skb, here)
    if (!server) return noDestination(skb, state, serviceName(service))
    connection = {
      proto: packet.proto,
      caddr: packet.src,
      cport: sport,
      vaddr: packet.dst,
      vport: dport,
      daddr: server.address,
      dport: server.port === 0 ? dport : server.port,
      method: server.method,
      conntrack: here.space.number('net.ipv4.vs.conntrack') !== 0,
      service,
      server,
      state: 'NONE',
      expires: 0,
    }
    if (!service.onePacket || packet.proto !== PROTO.udp) connections.add(connection)
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
  const { here, hook } = state
  const { packet } = skb
  if (skb.ipvsProperty || !here.space.netns.ipvs || packet.fragmentOffset > 0) return accept(skb)
  if (isIcmpError(packet)) return errorOut(skb, here)
  if (!balanced(packet.proto)) return accept(skb)
  const c = here.state.ipvs.connections.outgoing(
    packet.proto,
    packet.src,
    packet.sport ?? 0,
    packet.dst,
    packet.dport ?? 0,
    here.run.now,
  )
  if (c?.method !== 'Masq') return accept(skb)
  advance(c, skb, 'out', here)
  const translated = rewrite(
    skb,
    { src: c.vaddr, sport: c.vport },
    "IPVS: the answer gets the Service's address",
    here,
  )
  const settled = settleConntrack({ ...translated, ipvsProperty: true }, c, 'out', here)
  // ip_vs_route_me_harder(): answers to remote clients are routed anew by their new source
  if (hook === 'OUTPUT' && here.space.number('net.ipv4.vs.snat_reroute', 1) !== 0)
    return rerouteOutput(settled, here)
  return accept(settled)
}

/** ip_vs_nat_icmp(), out direction: an error about a translated request, on its way to the client. */
function errorOut(skb: Skb, here: Here): HookResult {
  const { inner } = skb.packet
  if (!inner || !balanced(inner.proto)) return accept(skb)
  const c = here.state.ipvs.connections.outgoing(
    inner.proto,
    inner.dst,
    inner.dport ?? 0,
    inner.src,
    inner.sport ?? 0,
    here.run.now,
  )
  if (c?.method !== 'Masq') return accept(skb)
  const by = "IPVS: the error is told in the Service's name"
  const quoted = rewriteInner(skb, { dst: c.vaddr, dport: c.vport }, by, here)
  return accept(
    settleConntrack({ ...rewrite(quoted, { src: c.vaddr }, by, here), ipvsProperty: true }, c, 'out', here),
  )
}

/** ip_vs_in_icmp(): an error of the client about an answer goes to the real server. */
function errorIn(skb: Skb, here: Here): HookResult {
  const { inner } = skb.packet
  if (!inner || !balanced(inner.proto)) return accept(skb)
  const c = here.state.ipvs.connections.incoming(
    inner.proto,
    inner.dst,
    inner.dport ?? 0,
    inner.src,
    inner.sport ?? 0,
    here.run.now,
  )
  if (c?.method !== 'Masq') return accept(skb)
  const by = 'IPVS: an error about an answer goes to the real server'
  const quoted = rewriteInner(skb, { src: c.daddr, sport: c.dport }, by, here)
  return leaveAlone(rewrite(quoted, { dst: c.daddr }, by, here), c, here)
}

/** set_tcp_state(), as far as its time-outs show. */
function advance(c: IpvsConnection, skb: Skb, way: 'in' | 'out', here: Here): void {
  here.state.ipvs.connections.touch(c, nextState(c, skb.packet.tcpFlags ?? 0, way), here.run.now)
}

function nextState(c: IpvsConnection, flags: number, way: 'in' | 'out'): string {
  if (c.proto !== PROTO.tcp) return 'UDP'
  if (flags & TCP.RST) return 'CLOSE'
  if (flags & TCP.FIN) return 'FIN_WAIT'
  if (flags & TCP.SYN) return 'SYN_RECV'
  // the handshake is over once the client has acknowledged
  return way === 'in' || c.state !== 'SYN_RECV' ? 'ESTABLISHED' : c.state
}
