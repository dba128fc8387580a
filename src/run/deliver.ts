import { ECT_0 } from '../talk/birth.js'
import { firstChunk, oneChunk, SCTP_CHUNK } from '../conntrack/state-sctp.js'
import { isIcmpError } from '../conntrack/packet-tuple.js'
import type { Packet } from '../model/packet.js'
import { ND, TCP } from '../model/packet.js'
import type { Next } from '../path/room.js'
import { multipath, noRoute, routeOutput } from '../routing/output.js'
import type { Skb } from '../skb/skb.js'
import { isIcmp, PROTO } from '../values/proto.js'
import { discovered } from './discovery.js'
import { type Here, isMulticast, note } from './here.js'
import { ICMP, sendIcmpError } from './icmp-error.js'
import { resetNumbers } from './tcp-sequence.js'
import { learnMtu, saysTooBig } from './mtu.js'
import { redirected } from './redirect.js'

const done: Next<never> = { done: true }

/** ip_local_deliver_finish(): the packet has survived INPUT; who takes it? */
export function deliver(skb: Skb, here: Here): Next<never> {
  const { packet } = skb
  const { proto } = packet
  const inner = fromTunnel(skb, here)
  if (inner) return inner
  if (isIcmp(proto)) return icmp(skb, here)
  const { listeners, listenersKnown, modules } = here.space.netns
  const sctp = proto === PROTO.sctp
  // a kernel speaks SCTP once its module is loaded
  const spoken = sctp ? modules?.includes('sctp') !== false : proto === PROTO.tcp || proto === PROTO.udp
  if (!spoken) {
    sendIcmpError(
      skb,
      ICMP[packet.family]['proto-unreachable'],
      here,
      `${here.space.name} speaks no protocol ${proto}`,
    )
    return { dropped: 'NO_SOCKET', because: `nothing here takes protocol ${proto}` }
  }
  if (proto === PROTO.tcp && isForAll(skb))
    return { dropped: 'X_IGNORED', because: 'it was for all: TCP takes no such packet' }
  const { sockets } = here.state
  // who listens and was given a packet is not passed over for an open socket that its translated addresses would fit
  const connected = skb.tproxy ? sockets.given(skb) : sockets.connected(packet)
  if (connected) {
    note(here, { kind: 'delivered', to: connected.name, because: 'it is for an open socket' })
    connected.receive(skb, here)
    return done
  }
  const wanted =
    skb.tproxy && 'port' in skb.tproxy ? skb.tproxy : { address: packet.dst, port: packet.dport ?? 0 }
  const listener = sockets.listener(proto, wanted.address, wanted.port, packet.family, skb.inDev)
  const begins = sctp
    ? firstChunk(packet) === SCTP_CHUNK.init
    : proto !== PROTO.tcp || ((packet.tcpFlags ?? 0) & (TCP.SYN | TCP.ACK | TCP.RST)) === TCP.SYN
  // `ss -Hlntu` does not list SCTP
  const untold = listenersKnown === false || (sctp && listeners.every(l => l.proto !== 'sctp'))
  if (begins && (listener || untold)) {
    here.run.accept(listener, skb, here)
    return done
  }
  return refuse(skb, here)
}

/** What an IPIP device takes, or the socket of VXLAN devices; undefined: it is for others. */
function fromTunnel(skb: Skb, here: Here): Next<never> | undefined {
  const { packet } = skb
  if (packet.proto === PROTO.ipip && packet.inner) {
    const ipip = here.space.netns.ifaces.filter(i => i.kind === 'ipip' && i.up)
    const tunnel = ipip.find(i => i.tunnel?.local === packet.dst) ?? ipip[0]
    return tunnel && unwrap(skb, tunnel.name, here)
  }
  // what TPROXY has given to a socket is that socket's (inet_steal_sock())
  if (packet.proto !== PROTO.udp || skb.tproxy) return undefined
  const devices = here.state.sockets.tunnels(packet.dport ?? 0, packet.family)
  const [first] = devices
  const tunnel = devices.find(i => i.vxlan?.id === packet.vni)
  if (!first || tunnel) return tunnel && unwrap(skb, tunnel.name, here)
  return {
    dropped: 'X_IGNORED',
    because: `${first.name} takes what is for its port, and finds no VXLAN in it`,
  }
}

/** tcp_v4_rcv(), tcp_v4_conn_request(), tcp_v4_send_reset(): as a frame, or by the route that took it. */
const isForAll = ({ pktType, route }: Skb): boolean =>
  pktType === 'broadcast' || pktType === 'multicast' || route?.type === 'broadcast'

/** Nobody listens: tcp_v4_send_reset(), an ABORT from sctp_rcv_ootb(), or a port unreachable from __udp4_lib_rcv(). */
function refuse(skb: Skb, here: Here): Next<never> {
  const { packet } = skb
  const nobody = `no socket in ${here.space.name} takes ${packet.dst} port ${packet.dport}${loopbackHint(skb, here)}`
  const sctpChunk = firstChunk(packet)
  if (packet.proto === PROTO.tcp || packet.proto === PROTO.sctp) {
    const last =
      packet.proto === PROTO.tcp
        ? ((packet.tcpFlags ?? 0) & TCP.RST) !== 0
        : sctpChunk === SCTP_CHUNK.abort || sctpChunk === SCTP_CHUNK.shutdownComplete
    // tcp_v4_send_reset(): only in the name of an address of its own
    const own = packet.proto !== PROTO.tcp || skb.route === undefined || skb.route.type === 'local'
    if (!last && own) sendResetFor(skb, here, nobody)
    return { dropped: 'NO_SOCKET', because: nobody }
  }
  // __udp4_lib_rcv(), __udp6_lib_rcv() let go of the connection first (nf_reset_ct()): nothing ties the error to it
  const { ct: _, ...loose } = skb
  if (!isMulticast(packet.dst)) sendIcmpError(loose, ICMP[packet.family]['port-unreachable'], here, nobody)
  return { dropped: 'NO_SOCKET', because: nobody }
}

/** A listener on another address explains the refusal best. */
function loopbackHint(skb: Skb, here: Here): string {
  const other = here.space.netns.listeners.find(
    l => PROTO[l.proto] === skb.packet.proto && l.port === skb.packet.dport,
  )
  return other ? ` (there is one on ${other.address ?? 'any address'} only)` : ''
}

function sendResetFor(skb: Skb, here: Here, because: string): void {
  const { packet } = skb
  const tcp = packet.proto === PROTO.tcp
  const mark = here.space.replyMark(skb.mark, packet.family)
  const found = routeOutput(
    here.space,
    {
      dst: packet.src,
      src: packet.dst,
      anySource: true,
      mark,
      proto: packet.proto,
      ...(packet.dport === undefined ? {} : { sport: packet.dport }),
      ...(packet.sport === undefined ? {} : { dport: packet.sport }),
    },
    multipath(here),
  )
  if (noRoute(found)) return
  const hadAck = ((packet.tcpFlags ?? 0) & TCP.ACK) !== 0
  const reset: Packet = {
    family: packet.family,
    src: packet.dst,
    dst: packet.src,
    proto: packet.proto,
    sport: packet.dport ?? 0,
    dport: packet.sport ?? 0,
    ...(tcp ? { tcpFlags: hadAck ? TCP.RST : TCP.RST | TCP.ACK } : oneChunk(SCTP_CHUNK.abort)),
    ttl: 64,
    tos: tcp ? packet.tos : ECT_0,
    id: 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    payload: 0,
    ...(tcp && resetNumbers(packet)),
  }
  note(here, { kind: 'makes', packet: tcp ? 'a TCP reset' : 'an SCTP ABORT', because })
  here.run.send({
    netns: here.space.name,
    room: 'local-out',
    skb: {
      packet: reset,
      mark,
      priority: 0,
      pktType: 'host',
      noSocket: true,
      // ip_send_unicast_reply() writes by a socket of its own, tcp_v6_send_response() does not
      ...(packet.family === 'ipv4' && tcp && { kernelSocket: true }),
      route: found.route,
    },
    because,
    cause: here.trace,
    direction: here.trace.direction === 'reply' ? 'original' : 'related',
  })
}

function unwrap(skb: Skb, dev: string, here: Here): Next<never> {
  const { inner } = skb.packet
  const carried = here.trace.carries === undefined ? undefined : here.run.trail.packets[here.trace.carries]
  if (!inner || !carried) return { dropped: 'X_IGNORED', because: 'the packet inside is not known' }
  note(here, { kind: 'decap', dev, because: `${dev} takes the inner packet out` })
  here.run.send({
    netns: here.space.name,
    room: 'device-in',
    dev,
    skb: { packet: inner, mark: skb.mark, priority: 0, pktType: 'host' },
    because: 'unwrapped',
    trace: carried,
  })
  return done
}

/** icmp_rcv(), icmpv6_rcv(). */
function icmp(skb: Skb, here: Here): Next<never> {
  const { packet } = skb
  const { type, code, id } = packet.icmp ?? { type: -1, code: 0 }
  const v6 = packet.family === 'ipv6'
  if (type === (v6 ? 128 : 8)) {
    if (!v6 && here.space.number('net.ipv4.icmp_echo_ignore_all') !== 0)
      return { dropped: 'X_IGNORED', because: 'icmp_echo_ignore_all is 1' }
    if (v6 && isMulticast(packet.dst) && here.space.number('net.ipv6.icmp.echo_ignore_multicast') !== 0)
      return { dropped: 'X_IGNORED', because: 'echo_ignore_multicast is 1' }
    if (
      !v6 &&
      skb.route?.type !== 'local' &&
      here.space.number('net.ipv4.icmp_echo_ignore_broadcasts', 1) !== 0
    )
      return {
        dropped: 'X_IGNORED',
        because: `${packet.dst} is for all here, and icmp_echo_ignore_broadcasts is 1`,
      }
    here.run.echoed(skb, here)
    return echo(skb, here)
  }
  if (type === (v6 ? 129 : 0)) {
    const socket = here.state.sockets.connected(packet)
    if (!socket) return { dropped: 'NO_SOCKET', because: `no program here waits for an echo with id ${id}` }
    note(here, { kind: 'delivered', to: socket.name, because: 'it is the answer that was waited for' })
    socket.receive(skb, here)
    return done
  }
  if (v6 && (type === ND.solicitation || type === ND.advertisement)) return discovered(skb, here)
  if (type === (v6 ? 137 : 5)) return redirected(skb, here)
  if (isIcmpError(packet) && packet.inner) {
    if (saysTooBig(packet) && packet.icmp?.mtu !== undefined) learnMtu(here, packet.inner, packet.icmp.mtu)
    const socket = here.state.sockets.quoted(packet.inner)
    if (!socket) return { dropped: 'NO_SOCKET', because: 'it quotes a packet that no socket here has sent' }
    note(here, {
      kind: 'delivered',
      to: socket.name,
      because: 'it quotes a packet that this socket has sent',
    })
    socket.error?.(skb, here)
    return done
  }
  return { dropped: 'X_IGNORED', because: `ICMP type ${type} code ${code} asks for nothing` }
}

function echo(skb: Skb, here: Here): Next<never> {
  const { packet } = skb
  // what it was on the wire, the reply is not
  const { eth: _, fragmentedTo: __, ...asked } = packet
  const mark = here.space.replyMark(skb.mark, packet.family)
  const found = routeOutput(
    here.space,
    {
      dst: packet.src,
      ...(here.space.isLocal(packet.dst) ? { src: packet.dst } : {}),
      mark,
      proto: packet.proto,
    },
    multipath(here),
  )
  note(here, { kind: 'delivered', to: 'the kernel (echo)', because: `${packet.dst} is alive` })
  if (noRoute(found)) {
    note(here, { kind: 'makes', packet: 'no echo reply', because: found.because })
    return done
  }
  here.run.send({
    netns: here.space.name,
    room: 'local-out',
    skb: {
      packet: {
        ...asked,
        src: found.src,
        dst: packet.src,
        icmp: { ...packet.icmp!, type: packet.family === 'ipv6' ? 129 : 0 },
        ttl: 64,
        // icmp_sk_init(): its socket leaves path MTU discovery alone
        ...(packet.family === 'ipv4' ? { dontFragment: false } : {}),
        id: here.run.nextIpId(),
      },
      mark,
      priority: 0,
      pktType: 'host',
      noSocket: true,
      kernelSocket: true,
      route: found.route,
    },
    because: 'echo reply',
    cause: here.trace,
    direction: 'reply',
  })
  return done
}
