import { TCP } from '../model/packet.js'
import type { Packet } from '../model/packet.js'
import { PROTO } from '../values/proto.js'
import type { IpvsConnection } from './connection.js'

/** Seconds that a connection lives on in a state: tcp_timeouts[], udp_timeouts[], sctp_timeouts[] (ip_vs_proto_*.c). */
const TIMEOUTS: ReadonlyMap<string, number> = new Map([
  ['TCP NONE', 2],
  ['TCP ESTABLISHED', 900],
  ['TCP SYN_SENT', 120],
  ['TCP SYN_RECV', 60],
  ['TCP FIN_WAIT', 120],
  ['TCP TIME_WAIT', 120],
  ['TCP CLOSE', 10],
  ['TCP CLOSE_WAIT', 60],
  ['TCP LAST_ACK', 30],
  ['TCP LISTEN', 120],
  ['TCP SYNACK', 120],
  ['UDP UDP', 300],
  ['SCTP INIT1', 3],
  ['SCTP ESTABLISHED', 900],
])
const protoWord = (proto: number): string =>
  proto === PROTO.tcp ? 'TCP' : proto === PROTO.sctp ? 'SCTP' : 'UDP'

export const timeoutOf = (proto: number, state: string): number =>
  TIMEOUTS.get(`${protoWord(proto)} ${state}`) ?? 60

/**
 * ip_vs_set_state(): where a packet takes a connection. IPVS sees what the client says, and with Masq what the
 * server says; it never asks whether the numbers fit.
 */
export function nextState(c: IpvsConnection, packet: Packet, from: 'client' | 'server'): string {
  // an association is four chunks long; here it is a question and its answer
  if (c.proto === PROTO.sctp) return from === 'server' || c.state === 'ESTABLISHED' ? 'ESTABLISHED' : 'INIT1'
  if (c.proto !== PROTO.tcp) return 'UDP'
  const flags = packet.tcpFlags ?? 0
  if (flags & TCP.RST) return onReset(c.state, from)
  if (flags & TCP.SYN) return onSyn(c.state, from)
  if (flags & TCP.FIN) return onFin(c, from)
  if (flags & TCP.ACK) return onAck(c.state, from)
  return c.state
}

function onReset(state: string, from: 'client' | 'server'): string {
  const deaf = from === 'client' ? ['SYN_RECV', 'LAST_ACK', 'LISTEN'] : ['SYN_SENT', 'TIME_WAIT']
  return deaf.includes(state) ? state : 'CLOSE'
}

function onSyn(state: string, from: 'client' | 'server'): string {
  if (state === 'ESTABLISHED') return state
  if (from === 'client') return state === 'SYN_SENT' ? 'ESTABLISHED' : 'SYN_RECV'
  return state === 'SYN_RECV' || state === 'SYNACK' ? 'SYN_RECV' : 'SYN_SENT'
}

function onFin({ state, method }: IpvsConnection, from: 'client' | 'server'): string {
  if (['SYN_SENT', 'CLOSE', 'LAST_ACK', 'LISTEN'].includes(state)) return state
  if (state === 'ESTABLISHED') return from === 'server' || method !== 'Masq' ? 'FIN_WAIT' : 'CLOSE_WAIT'
  if (from === 'client') {
    if (state === 'NONE') return 'CLOSE'
    return state === 'CLOSE_WAIT' ? state : 'TIME_WAIT'
  }
  return state === 'FIN_WAIT' ? state : 'TIME_WAIT'
}

function onAck(state: string, from: 'client' | 'server'): string {
  if (['NONE', 'SYN_RECV', 'SYNACK'].includes(state)) return 'ESTABLISHED'
  return state === 'LAST_ACK' && from === 'client' ? 'CLOSE' : state
}
