import { isIcmpError } from '../conntrack/packet-tuple.js'
import { TCP } from '../model/packet.js'
import type { VirtualService } from '../model/ipvs.js'
import type { HookResult, HookState } from '../netfilter/hook-op.js'
import { accept } from '../netfilter/hook-op.js'
import { type Here, isMulticast, isUnspecified, note } from '../run/here.js'
import { ICMP, sendIcmpError } from '../run/icmp-error.js'
import type { Skb } from '../skb/skb.js'
import { PROTO } from '../values/proto.js'
import { advance, type IpvsConnection } from './connection.js'
import { type Request, reversed } from './request.js'
import { bypass, schedule } from './schedule.js'
import { findService, serviceName } from './service.js'
import { transmit } from './transmit.js'

/** ip_vs_try_to_schedule(): a connection for what has none, or what becomes of a packet that gets none. */
export function tryToSchedule(request: Request, skb: Skb, state: HookState): IpvsConnection | HookResult {
  const { here, hook } = state
  const { proto, vaddr, vport } = request
  const service = findService(here.space.netns.ipvs!, proto, vaddr, vport, skb.mark)
  if (!service) return accept(skb)
  const pass = (why: string): HookResult => {
    note(here, { kind: 'ipvs', action: 'skip', because: `${why}: IPVS lets it pass` })
    return accept(skb)
  }
  if (!isIcmpError(skb.packet) && !begins(skb, here))
    return pass(`only a SYN opens a connection to ${serviceName(service)}`)
  // ip_vs_schedule(): "Do not schedule replies from local real server"
  const isOwn = hook === 'OUTPUT' || state.in === 'lo'
  if (isOwn && here.state.ipvs.connections.incoming(reversed(request), here.run.now))
    return pass(
      `it is the answer of a real server of this machine, and no request to ${serviceName(service)}`,
    )
  return schedule(service, request, here) ?? leave(service, request, skb, state)
}

/** tcp_conn_schedule() (ip_vs_proto_tcp.c): a SYN, even with ACK, or with sloppy_tcp anything but a reset. */
function begins({ packet }: Skb, here: Here): boolean {
  if (packet.proto !== PROTO.tcp) return true
  const flags = packet.tcpFlags ?? 0
  if (flags & TCP.RST) return false
  return (flags & TCP.SYN) !== 0 || here.space.number('net.ipv4.vs.sloppy_tcp') !== 0
}

/**
 * ip_vs_leave(): no server. The client is told at once, in the Service's name, unless the packet is an error itself;
 * what a firewall mark has brought here may go on to where it was for (cache_bypass).
 */
function leave(service: VirtualService, request: Request, skb: Skb, state: HookState): HookResult {
  const { here } = state
  const because = `IPVS has no destination for ${serviceName(service)}`
  const gone: HookResult = { verdict: 'DROP', reason: 'X_IPVS', because }
  if (isIcmpError(skb.packet)) return gone
  const mayGoOn = service.id.kind === 'fwmark' && here.space.number('net.ipv4.vs.cache_bypass') !== 0
  if (mayGoOn && isUnicast(request, here)) {
    const c = bypass(service, request, here)
    advance(c, skb.packet, 'in', here)
    note(here, {
      kind: 'ipvs',
      action: 'schedule',
      because: `${because}: the packet goes on to ${request.vaddr} (net.ipv4.vs.cache_bypass is 1)`,
    })
    return transmit(skb, c, state)
  }
  // the packet is for an address of this machine, so the error comes from that address
  const routed = skb.route ? { ...skb, route: { ...skb.route, type: 'local' as const } } : skb
  sendIcmpError(routed, ICMP[skb.packet.family]['port-unreachable'], here, because)
  return gone
}

/** ip_vs_addr_is_unicast(): in IPv4 not an address of this machine; in IPv6 any that is of one machine. */
const isUnicast = ({ family, vaddr }: Request, { space }: Here): boolean => {
  if (family === 'ipv6') return !isMulticast(vaddr) && !isUnspecified(vaddr)
  return space.fib('ipv4').addressType(vaddr) === 'unicast'
}
