import { isIcmpError } from '../conntrack/packet-tuple.js'
import type { IpvsTable } from '../model/ipvs.js'
import { TCP } from '../model/packet.js'
import type { HookResult, HookState } from '../netfilter/hook-op.js'
import { accept } from '../netfilter/hook-op.js'
import { type Here, note } from '../run/here.js'
import { ICMP, sendIcmpError } from '../run/icmp-error.js'
import { rewrite } from '../skb/rewrite.js'
import type { Skb } from '../skb/skb.js'
import { PROTO } from '../values/proto.js'
import { answered } from './answered.js'
import { advance, connectionLine, type IpvsConnection } from './connection.js'
import { errorIn, errorOut } from './errors.js'
import { requestOf, reversed } from './request.js'
import { balanced } from './service.js'
import { settleConntrack, transmit } from './transmit.js'
import { tryToSchedule } from './try-to-schedule.js'

/** ip_vs_in_hook() (net/netfilter/ipvs/ip_vs_core.c): requests, at INPUT from others and at OUTPUT from here. */
export function ipvsIn(skb: Skb, state: HookState): HookResult {
  const { here, hook } = state
  const { packet } = skb
  if (skb.ipvsProperty || (hook !== 'OUTPUT' && skb.pktType !== 'host') || packet.fragmentOffset > 0)
    return accept(skb)
  if (!here.space.netns.ipvs) return accept(skb)
  if (isIcmpError(packet)) return errorIn(skb, state)
  if (!balanced(packet.proto)) return accept(skb)
  const found = existing(skb, here)
  if (found === 'drop')
    return {
      verdict: 'DROP',
      reason: 'X_IPVS',
      because: 'IPVS knows the connection, but not its real server any more',
    }
  const connection = found ?? tryToSchedule(requestOf(packet), skb, state)
  if ('verdict' in connection) return connection
  advance(connection, packet, 'in', here)
  note(here, {
    kind: 'ipvs',
    action: 'connection',
    because: 'the connection that IPVS keeps for it',
    connection: connectionLine(connection, here.run.now),
  })
  return transmit(skb, connection, state)
}

/** ip_vs_in_hook(): the connection that a request belongs to, unless it is to be scheduled anew, or can't go on. */
function existing(skb: Skb, here: Here): IpvsConnection | 'drop' | undefined {
  const { packet } = skb
  const { connections } = here.state.ipvs
  const c = connections.incoming(requestOf(packet), here.run.now)
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

/** ip_vs_out_hook(): answers of a real server, at INPUT, OUTPUT and FORWARD, get the Service's address back. */
export function ipvsOut(skb: Skb, state: HookState): HookResult {
  const { here } = state
  const { packet } = skb
  if (skb.ipvsProperty || !here.space.netns.ipvs || packet.fragmentOffset > 0) return accept(skb)
  if (isIcmpError(packet)) return errorOut(skb, state)
  if (!balanced(packet.proto)) return accept(skb)
  const c = here.state.ipvs.connections.outgoing(reversed(requestOf(packet)), here.run.now)
  if (!c && isStray(skb, here.space.netns.ipvs, here)) {
    const because = `IPVS knows no connection for this answer of a real server (net.ipv4.vs.nat_icmp_send is 1)`
    sendIcmpError(skb, ICMP[packet.family]['port-unreachable'], here, because)
    return { verdict: 'DROP', reason: 'X_IPVS', because }
  }
  if (!c) return accept(skb)
  advance(c, packet, 'out', here)
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
