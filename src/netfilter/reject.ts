import { type Packet, TCP } from '../model/packet.js'
import { multipath, noRoute, routeOutput } from '../routing/output.js'
import { isNeighbourDiscovery } from '../conntrack/packet-tuple.js'
import { TCP_TIMEOUTS } from '../conntrack/timeouts.js'
import { attached, sendIcmpError } from '../run/icmp-error.js'
import { type Here, isMulticast, note } from '../run/here.js'
import { resetNumbers } from '../run/tcp-sequence.js'
import type { Skb } from '../skb/skb.js'
import { compareKernels } from '../values/kernel.js'
import { isIcmp, PROTO } from '../values/proto.js'
import type { RejectWith } from '../xtables/extension.js'
import type { HookState } from './hook-op.js'

/** nf_send_unreach(), nf_send_reset() and their IPv6 twins: the error packet that a REJECT makes before it drops. */
export function sendReject(skb: Skb, how: RejectWith, state: HookState): void {
  if (how.kind === 'icmp') {
    // icmp_xmit_lock(): while the kernel sends an ICMP packet of its own, it makes no error about it; neighbour discovery
    // goes without that lock
    if (state.hook === 'OUTPUT' && isOwnIcmp(skb)) {
      const because = 'the kernel makes no error while it sends an ICMP packet of its own'
      note(state.here, { kind: 'makes', packet: 'no ICMP error', because })
      return
    }
    sendIcmpError(skb, { type: how.type, code: how.code }, state.here, `REJECT answers with ${how.name}`, {
      bridged: state.bridged,
    })
    return
  }
  sendReset(skb, state)
}

/** nf_reject_iphdr_put(), nf_reject_ip_tcphdr_put(). */
const resetTo = (old: Packet, id: number): Packet => ({
  family: old.family,
  src: old.dst,
  dst: old.src,
  proto: PROTO.tcp,
  sport: old.dport ?? 0,
  dport: old.sport ?? 0,
  tcpFlags: (old.tcpFlags ?? 0) & TCP.ACK ? TCP.RST : TCP.RST | TCP.ACK,
  tcpOptions: [],
  ttl: 64,
  tos: 0,
  id,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
  payload: 0,
  ...resetNumbers(old),
})

function sendReset(skb: Skb, state: HookState): void {
  const { here } = state
  const old = skb.packet
  if (old.proto !== PROTO.tcp || old.fragmentOffset > 0 || ((old.tcpFlags ?? 0) & TCP.RST) !== 0) return
  if (skb.route?.type === 'broadcast' || isMulticast(old.dst)) return
  const packet = resetTo(old, here.run.nextIpId())
  const mark = here.space.replyMark(skb.mark, old.family)
  const local = here.space.isLocal(packet.src)
  const found = routeOutput(
    here.space,
    {
      dst: packet.dst,
      ...(local ? { src: packet.src } : {}),
      anySource: !local,
      mark,
      // ip_route_me_harder() asks for addresses alone, nf_send_reset6() for ports as well
      ...(old.family === 'ipv6' && { proto: PROTO.tcp, sport: packet.sport, dport: packet.dport }),
    },
    multipath(here),
  )
  if (noRoute(found)) return
  // the entry is not in the table yet, so the reset is tied to it by hand (nf_send_reset())
  const ct = attached(skb)
  setClosing(skb, here)
  const because = 'REJECT answers with a TCP reset'
  const reset = { packet, mark, priority: 0, pktType: 'host', noSocket: true, ...ct } as const
  const from = { netns: here.space.name, because, cause: here.trace }
  if (!skb.bridgeNf || !old.eth) {
    note(here, { kind: 'makes', packet: 'a TCP reset', because })
    here.run.sendAtOnce({ ...from, room: 'local-out', skb: { ...reset, route: found.route } })
    return
  }
  // what came by a bridge's port, even if it is routed on, is answered in the addressee's name, straight out of the
  // bridge: no hook sees it (nf_bridge_info_exists())
  note(here, { kind: 'makes', packet: 'a TCP reset, sent from the bridge itself', because })
  const eth = { src: old.eth.dst, dst: old.eth.src }
  here.run.sendAtOnce({
    ...from,
    room: 'bridge-out',
    dev: skb.bridgeNf.bridge,
    skb: { ...reset, packet: { ...packet, eth } },
  })
}

/** nf_conntrack_tcp_set_closing(), since 6.3: a connection that REJECT resets is closed, whatever its tracker thought. */
function setClosing({ ct }: Skb, here: Here): void {
  if (ct?.kind !== 'tracked' || !ct.entry.confirmed || ct.entry.tcpState === 'CLOSE') return
  if (compareKernels(here.run.world.snapshot.kernel, '6.3') < 0) return
  const [key, seconds] = TCP_TIMEOUTS.CLOSE
  ct.entry.tcpState = 'CLOSE'
  ct.entry.expires = here.run.now + here.space.number(`net.netfilter.${key}`, seconds)
}

/** Is the kernel sending ICMP of its own, be it by a tunnel? Neighbour discovery has another socket. */
function isOwnIcmp({ packet, noSocket, kernelSocket }: Skb): boolean {
  if (isIcmp(packet.proto)) return (noSocket ?? false) && !isNeighbourDiscovery(packet)
  // what a tunnel carries goes out within the same call
  const { inner } = packet
  return (kernelSocket ?? false) && inner !== undefined && isIcmp(inner.proto) && !isNeighbourDiscovery(inner)
}
