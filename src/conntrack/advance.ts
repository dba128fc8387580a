import type { Packet } from '../model/packet.js'
import type { Here } from '../run/here.js'
import { PROTO } from '../values/proto.js'
import type { ConntrackEntry, Direction } from './entry.js'
import { firstChunk, nextSctpState, SCTP_CHUNK, SCTP_TIMEOUTS } from './state-sctp.js'
import {
  GENERIC_TIMEOUT,
  GRE_STREAM_TIMEOUT,
  GRE_TIMEOUT,
  ICMP_TIMEOUT,
  ICMPV6_TIMEOUT,
  UDP_STREAM_TIMEOUT,
  UDP_TIMEOUT,
} from './timeouts.js'
import { trackTcp } from './track-tcp.js'

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
      return trackTcp(entry, packet, dir, here)
    default:
      return until(GENERIC_TIMEOUT)
  }
}
