import type { Iface } from '../model/iface.js'
import type { Packet } from '../model/packet.js'
import { multipath, noRoute, routeOutput } from '../routing/output.js'
import type { HookResult } from '../netfilter/hook-op.js'
import type { RouteResult, Skb } from '../skb/skb.js'
import { packetLength, packetSummary } from '../skb/packet-summary.js'
import { familyOf, type Ip } from '../values/ip.js'
import { PROTO } from '../values/proto.js'
import { type Here, note } from './here.js'
import { ICMP, sendIcmpError } from './icmp-error.js'
import { exceeds, routeMtu } from './mtu.js'
import type { Next } from '../path/room.js'

/** Bytes that IP puts before a packet that it carries. */
const IPIP_HEADER = 20

/** XMIT_RECURSION_LIMIT: so many devices call each other, not more. */
const DEEPEST = 8

/** How many packets are in this one, tunnel in tunnel. */
const depthOf = ({ inner }: Packet): number => (inner ? 1 + depthOf(inner) : 0)

/** The first of net.ipv4.ip_local_port_range. */
const FIRST_LOCAL_PORT = 32768

/**
 * udp_flow_src_port(): by what the sender's socket has drawn, or else by a hash of the ends of the packet as it is now, in
 * any order. Which port that is nobody can tell; here the first hash of a run gets the first port, and so on.
 */
function flowPort({ hash, packet }: Skb, { tunnelled }: Here['run']): number {
  const isFragment = packet.fragmentOffset > 0 || packet.moreFragments
  const ports = isFragment ? [] : [packet.sport ?? 0, packet.dport ?? 0].sort((a, b) => a - b)
  const key =
    hash === undefined
      ? [packet.proto, ...[packet.src, packet.dst].sort(), ...ports].join()
      : `socket ${hash}`
  const number = tunnelled.get(key) ?? tunnelled.size
  tunnelled.set(key, number)
  return FIRST_LOCAL_PORT + number
}

/** vxlan_xmit(), ipip_tunnel_xmit(): the packet is wrapped in another one, which begins its own life here. */
export function encapsulate(skb: Skb, iface: Iface, here: Here): Next<never> {
  const { space } = here
  const to = iface.kind === 'vxlan' ? vtepFor(skb, iface, here) : (iface.tunnel?.remote ?? skb.route?.via)
  if (to === undefined)
    return {
      dropped: 'X_NO_PEER',
      because: `${iface.name} knows no remote end for ${skb.packet.eth?.dst ?? skb.packet.dst}`,
    }
  const src = iface.kind === 'vxlan' ? iface.vxlan?.local : iface.tunnel?.local
  const proto = iface.kind === 'vxlan' ? PROTO.udp : PROTO.ipip
  const ports =
    iface.kind === 'vxlan' ? { sport: flowPort(skb, here.run), dport: iface.vxlan?.port ?? 8472 } : {}
  const found = routeOutput(
    space,
    { dst: to, ...(src === undefined ? {} : { src }), mark: skb.mark, proto, ...ports },
    multipath(here),
  )
  if (noRoute(found))
    return { dropped: 'IP_OUTNOROUTES', because: `${iface.name} can't reach ${to}: ${found.because}` }
  // vxlan_get_route(), ip_tunnel_xmit(): told as a collision
  if (found.route.dev === iface.name)
    return {
      dropped: 'X_LOOP',
      because: `the way to ${to}, the far end of ${iface.name}, leads into ${iface.name}`,
    }
  if (depthOf(skb.packet) >= DEEPEST)
    return {
      unknown: `${iface.name} wraps what it has wrapped again and again: __dev_queue_xmit() calls that a dead loop and lets go of the packet, if the kernel's stack has lasted until then`,
    }
  // tnl_update_pmtu(): an IPIP tunnel keeps to "don't fragment" and tells the sender; VXLAN lets its wrapping be cut
  const room = routeMtu(space, found.route) - IPIP_HEADER
  if (iface.kind === 'ipip' && exceeds(skb.packet, room)) {
    const because = `${packetLength(skb.packet)} bytes do not fit into ${iface.name}: ${room} do`
    sendIcmpError(skb, ICMP[skb.packet.family]['too-big'], here, because, { mtu: room })
    return { dropped: 'PKT_TOO_BIG', because }
  }
  const vni = iface.vxlan ? { vni: iface.vxlan.id } : {}
  wrap(skb, { src: found.src, dst: to, proto, ...ports, ...vni }, found.route, iface.name, here)
  return { done: true }
}

/** ip_vs_tunnel_xmit(): IPVS wraps a request for a real server in IPIP; it must not pass IPVS again. */
export function encapsulateTo(skb: Skb, route: RouteResult, to: Ip, here: Here): HookResult {
  const { ttl, tos } = skb.packet
  // ip_vs_prepare_tunneled_skb()
  const dontFragment = skb.packet.dontFragment && here.space.number('net.ipv4.vs.pmtu_disc', 1) !== 0
  const proto = familyOf(to) === 'ipv6' ? PROTO.ipv6 : PROTO.ipip
  const head = { src: route.src ?? to, dst: to, proto, ttl, tos, dontFragment }
  const { eth: _, ...packet } = skb.packet
  wrap({ ...skb, packet }, head, route, 'IPVS', here, { ipvsProperty: true })
  return { verdict: 'STOLEN', by: 'IPVS' }
}

/** The wrapping is put around the same skb, so its mark goes along (iptunnel_xmit()); it is born as a packet of its own. */
function wrap(
  skb: Skb,
  head: Pick<Packet, 'src' | 'dst' | 'proto'> & Partial<Packet>,
  route: RouteResult,
  by: string,
  here: Here,
  kept: Pick<Skb, 'ipvsProperty'> = {},
): void {
  const { run, space, trace } = here
  const packet: Packet = {
    family: familyOf(head.dst),
    ttl: 64,
    tos: 0,
    id: run.nextIpId(),
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    payload: 0,
    inner: skb.packet,
    ...head,
  }
  note(here, { kind: 'encap', dev: by, because: `${by} wraps it: ${packetSummary(packet)}` })
  const { mark, priority } = skb
  run.send({
    netns: space.name,
    room: 'local-out',
    skb: { packet, mark, priority, pktType: 'host', ...senderOf(skb), route, ...kept },
    because: `${by} carries another packet`,
    cause: trace,
    direction: trace.direction,
    carries: trace.index,
  })
}

/** The wrapping is the same skb: it still belongs to the socket that sent what is inside, if that was born here. */
function senderOf({ inDev, dev, noSocket, kernelSocket, owner }: Skb): Partial<Skb> {
  if (inDev !== undefined || dev !== undefined) return { noSocket: true }
  return {
    ...(noSocket && { noSocket }),
    ...(kernelSocket && { kernelSocket }),
    ...(owner && { owner }),
  }
}

/** vxlan_xmit_one() after vxlan_find_mac(): the remote end that the forwarding table gives a MAC address. */
function vtepFor(skb: Skb, iface: Iface, here: Here): Ip | undefined {
  const mac = skb.packet.eth?.dst
  const { fdb } = here.space.netns
  const entry =
    fdb.find(e => e.dev === iface.name && e.mac === mac && e.dst !== undefined) ??
    fdb.find(e => e.dev === iface.name && e.mac === '00:00:00:00:00:00' && e.dst !== undefined)
  return entry?.dst ?? iface.vxlan?.remote
}
