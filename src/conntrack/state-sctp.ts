import type { Packet } from '../model/packet.js'
import type { Direction, SctpState } from './entry.js'

/** Chunk types (RFC 9260) that mean something to the tracker. */
export const SCTP_CHUNK = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
} as const

/** Type of the first chunk of a packet; undefined: it has none that is told. */
export const firstChunk = ({ sctpChunks }: Packet): number | undefined => sctpChunks?.[0]?.type
/** A packet that carries one chunk. */
export const oneChunk = (type: number): Pick<Packet, 'sctpChunks'> => ({ sctpChunks: [{ type }] })

/** Seconds and sysctl of each state (nf_conntrack_proto_sctp.c sctp_timeouts[]). */
export const SCTP_TIMEOUTS: Readonly<
  Record<Exclude<SctpState, 'NONE'>, readonly [key: string, seconds: number]>
> = {
  CLOSED: ['nf_conntrack_sctp_timeout_closed', 10],
  COOKIE_WAIT: ['nf_conntrack_sctp_timeout_cookie_wait', 3],
  COOKIE_ECHOED: ['nf_conntrack_sctp_timeout_cookie_echoed', 3],
  ESTABLISHED: ['nf_conntrack_sctp_timeout_established', 210],
  SHUTDOWN_SENT: ['nf_conntrack_sctp_timeout_shutdown_sent', 3],
  SHUTDOWN_RECD: ['nf_conntrack_sctp_timeout_shutdown_recd', 3],
  SHUTDOWN_ACK_SENT: ['nf_conntrack_sctp_timeout_shutdown_ack_sent', 3],
  HEARTBEAT_SENT: ['nf_conntrack_sctp_timeout_heartbeat_sent', 30],
}

/** A state as a dump spells it. */
export const sctpStateNamed = (word: string | undefined): SctpState | undefined =>
  word !== undefined && (word === 'NONE' || Object.hasOwn(SCTP_TIMEOUTS, word))
    ? (word as SctpState)
    : undefined

/**
 * Where a chunk takes an association, as Linux 6.18 was seen to do it with packets made by hand: each chunk in each
 * direction and state. The kernel's table is sctp_conntracks[]. Undefined: the packet is INVALID.
 */
export function nextSctpState(dir: Direction, chunk: number, state: SctpState): SctpState | undefined {
  const asked = dir === 'original'
  const from = (...states: SctpState[]) => states.includes(state)
  switch (chunk) {
    case SCTP_CHUNK.init:
      if (!asked) return from('NONE', 'HEARTBEAT_SENT') ? undefined : state
      if (from('HEARTBEAT_SENT')) return 'COOKIE_WAIT'
      return from('NONE', 'SHUTDOWN_SENT', 'SHUTDOWN_RECD') ? 'CLOSED' : state
    case SCTP_CHUNK.initAck:
      if (asked) return undefined
      return from('CLOSED') ? 'COOKIE_WAIT' : state
    case SCTP_CHUNK.heartbeat:
      return from('NONE') ? 'HEARTBEAT_SENT' : state
    case SCTP_CHUNK.heartbeatAck:
      if (from('NONE')) return 'CLOSED'
      return !asked && from('HEARTBEAT_SENT') ? 'ESTABLISHED' : state
    case SCTP_CHUNK.shutdownAck:
      if (from('NONE', 'HEARTBEAT_SENT')) return asked ? 'SHUTDOWN_ACK_SENT' : undefined
      return from('SHUTDOWN_SENT', 'SHUTDOWN_RECD') ? 'SHUTDOWN_ACK_SENT' : state
  }
  // nothing else begins an association
  if (from('NONE') || (!asked && from('HEARTBEAT_SENT'))) return undefined
  switch (chunk) {
    case SCTP_CHUNK.abort:
      return 'CLOSED'
    case SCTP_CHUNK.cookieEcho:
      return asked && from('COOKIE_WAIT') ? 'COOKIE_ECHOED' : state
    case SCTP_CHUNK.cookieAck:
      return from('COOKIE_ECHOED') ? 'ESTABLISHED' : state
    case SCTP_CHUNK.error:
      return !asked && from('COOKIE_ECHOED') ? 'CLOSED' : state
    case SCTP_CHUNK.shutdown:
      return from('ESTABLISHED') ? (asked ? 'SHUTDOWN_SENT' : 'SHUTDOWN_RECD') : state
    case SCTP_CHUNK.shutdownComplete:
      return from('SHUTDOWN_ACK_SENT') ? 'CLOSED' : state
    default:
      return state
  }
}
