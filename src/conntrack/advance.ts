import { type Packet, TCP } from '../model/packet.js'
import type { Here } from '../run/here.js'
import { PROTO } from '../values/proto.js'
import type { ConntrackEntry, Direction } from './entry.js'
import { firstChunk, nextSctpState, SCTP_CHUNK, SCTP_TIMEOUTS } from './state-sctp.js'
import { flagsAreSane, nextTcpState, segmentOf } from './state-tcp.js'
import {
  GENERIC_TIMEOUT,
  GRE_STREAM_TIMEOUT,
  GRE_TIMEOUT,
  ICMP_TIMEOUT,
  ICMPV6_TIMEOUT,
  TCP_TIMEOUTS,
  TCP_UNACKNOWLEDGED_TIMEOUT,
  UDP_STREAM_TIMEOUT,
  UDP_TIMEOUT,
} from './timeouts.js'

/** `again`: the old connection is gone, look the packet up anew. */
export type Step = 'pass' | 'again' | { readonly because: string }

/** UDP becomes a stream when there is still traffic both ways after so many seconds (nf_conntrack_udp_packet()). */
const STREAM_AFTER = 2

/** nf_conntrack_handle_packet(): the tracker of the protocol sets state and time-out. */
export function advance(entry: ConntrackEntry, packet: Packet, dir: Direction, here: Here): Step {
  const { now } = here.run
  const seconds = ([key, otherwise]: readonly [string, number]) =>
    here.space.number(`net.netfilter.${key}`, otherwise)
  const until = (timeout: readonly [string, number]): 'pass' => {
    entry.expires = now + seconds(timeout)
    return 'pass'
  }
  switch (packet.proto) {
    case PROTO.udp: {
      if (!entry.confirmed) entry.streamAt = now + STREAM_AFTER
      const stream = entry.seenReply && now > (entry.streamAt ?? now)
      if (stream) entry.assured = true
      return until(stream ? UDP_STREAM_TIMEOUT : UDP_TIMEOUT)
    }
    case PROTO.udplite:
    case PROTO.gre: {
      const gre = packet.proto === PROTO.gre
      if (!entry.seenReply) return until(gre ? GRE_TIMEOUT : UDP_TIMEOUT)
      entry.assured = true
      return until(gre ? GRE_STREAM_TIMEOUT : UDP_STREAM_TIMEOUT)
    }
    case PROTO.icmp:
      return until(ICMP_TIMEOUT)
    case PROTO.icmpv6:
      return until(ICMPV6_TIMEOUT)
    case PROTO.sctp: {
      const old = entry.sctpState ?? 'NONE'
      const chunk = firstChunk(packet) ?? SCTP_CHUNK.data
      const next = nextSctpState(dir, chunk, old)
      if (next === undefined || next === 'NONE')
        return {
          because: `SCTP chunk ${chunk} in ${dir} direction does not fit an association in state ${old}`,
        }
      entry.sctpState = next
      if (next === 'ESTABLISHED' && old !== next) entry.assured = true
      return until(SCTP_TIMEOUTS[next])
    }
    case PROTO.tcp:
      return tcp(entry, packet, dir, here, seconds)
    default:
      return until(GENERIC_TIMEOUT)
  }
}

/** nf_conntrack_tcp_packet() (net/netfilter/nf_conntrack_proto_tcp.c). Sequence numbers are taken to be in order. */
function tcp(
  entry: ConntrackEntry,
  packet: Packet,
  dir: Direction,
  here: Here,
  seconds: (timeout: readonly [string, number]) => number,
): Step {
  const flags = packet.tcpFlags ?? 0
  if (!flagsAreSane(flags)) return { because: 'TCP flags that no sane stack sends' }
  const segment = segmentOf(flags)
  let old = entry.tcpState ?? 'NONE'
  let next = nextTcpState(dir, segment, old)
  if (next === 'invalid')
    return {
      because: `a TCP ${segment.toUpperCase()} in ${dir} direction does not fit connection #${entry.id} in state ${old}`,
    }
  const last = entry.tcpLast
  if (segment === 'syn' && next === 'SYN_SENT' && (old === 'TIME_WAIT' || old === 'CLOSE')) {
    // closed by FIN, or by a reset from the very side that now connects: opened anew (NF_REPEAT)
    if (entry.tcpClosed || (last?.dir === dir && last.index === 'rst')) {
      here.state.conntrack.remove(entry)
      return 'again'
    }
    next = 'ignore'
  }
  if (next === 'ignore') {
    const answersIgnored = segment === 'synack' && last?.index === 'syn' && last.dir !== dir
    entry.tcpLast = { dir, index: segment }
    if (!answersIgnored) return 'pass'
    // the ends agree on a new connection that the tracker had passed over: it falls in with them
    old = 'SYN_SENT'
    next = 'SYN_RECV'
  }
  entry.tcpState = next
  entry.tcpLast = { dir, index: segment }
  if (segment === 'fin') entry.tcpClosed = true
  const other: Direction = dir === 'original' ? 'reply' : 'original'
  const sends = packet.payload > 0 || (flags & (TCP.SYN | TCP.FIN)) !== 0
  entry.tcpUnacked = {
    [dir]: sends || (entry.tcpUnacked?.[dir] ?? false),
    [other]: flags & TCP.ACK ? false : (entry.tcpUnacked?.[other] ?? false),
  }
  if (segment === 'rst' && !entry.seenReply) {
    // the only answer is a refusal: the connection is forgotten at once, the packet still belongs to it
    if (entry.confirmed) here.state.conntrack.remove(entry)
    return 'pass'
  }
  if (entry.seenReply && (old === 'SYN_RECV' || old === 'ESTABLISHED') && next === 'ESTABLISHED')
    entry.assured = true
  const timeout = TCP_TIMEOUTS[next as keyof typeof TCP_TIMEOUTS]
  const wait = seconds(segment === 'rst' ? TCP_TIMEOUTS.CLOSE : timeout)
  // data that nobody has acknowledged, or a connection picked up in the middle, is not kept for days
  const unsure =
    entry.tcpUnacked.original || entry.tcpUnacked.reply || (!entry.seenReply && next === 'ESTABLISHED')
  entry.expires = here.run.now + (unsure ? Math.min(wait, seconds(TCP_UNACKNOWLEDGED_TIMEOUT)) : wait)
  return 'pass'
}
