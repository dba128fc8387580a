import type { HookResult, HookState } from '../netfilter/hook-op.js'
import { accept } from '../netfilter/hook-op.js'
import type { Packet } from '../model/packet.js'
import type { Here } from '../run/here.js'
import { sendIcmpError } from '../run/icmp-error.js'
import { rewrite, rewriteInner } from '../skb/rewrite.js'
import type { Skb } from '../skb/skb.js'
import { PROTO } from '../values/proto.js'
import { answered } from './answered.js'
import { requestOf, reversed } from './request.js'
import { balanced } from './service.js'
import { transmitError } from './transmit.js'
import { tryToSchedule } from './try-to-schedule.js'

/** ip_vs_out_icmp(), ip_vs_out_icmp_v6(): an error about a request, on its way to the client. */
export function errorOut(skb: Skb, state: HookState): HookResult {
  const { here } = state
  const { inner } = skb.packet
  if (!inner || !balanced(inner.proto)) return accept(skb)
  const c = here.state.ipvs.connections.outgoing(requestOf(inner), here.run.now)
  if (c?.method !== 'Masq') return accept(skb)
  const by = "IPVS: the error is told in the Service's name"
  const quoted = rewriteInner(skb, { dst: c.vaddr, dport: c.vport }, by, here)
  return answered(rewrite(quoted, { src: c.vaddr }, by, here), c, state)
}

/**
 * ip_vs_in_icmp(), ip_vs_in_icmp_v6(): an error about an answer goes to the real server. With schedule_icmp it begins a
 * connection where there is none, as a request does.
 */
export function errorIn(skb: Skb, state: HookState): HookResult {
  const { here } = state
  const { inner } = skb.packet
  if (inner?.proto === PROTO.ipip && inner.inner) return tunnelError(skb, inner, inner.inner, here)
  if (!inner || !balanced(inner.proto)) return accept(skb)
  const request = reversed(requestOf(inner))
  const known = here.state.ipvs.connections.incoming(request, here.run.now)
  if (!known && here.space.number('net.ipv4.vs.schedule_icmp') === 0) return accept(skb)
  const c = known ?? tryToSchedule(request, skb, state)
  return 'verdict' in c ? c : transmitError(skb, c, state)
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
  if (!isTunnel || !connections.incoming(requestOf(request), here.run.now)) return accept(skb)
  const because = `an error came back from the tunnel to ${wrapped.dst}: the client is told the same`
  sendIcmpError({ ...skb, packet: request }, skb.packet.icmp!, here, because)
  return { verdict: 'STOLEN', by: 'IPVS', lost: { reason: 'X_IPVS', because } }
}
