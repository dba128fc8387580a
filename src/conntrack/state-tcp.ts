import { TCP } from '../model/packet.js'
import type { Direction, TcpState } from './entry.js'

/** Which of the six things a segment is to the tracker: get_conntrack_index(). */
export type Segment = 'syn' | 'synack' | 'fin' | 'ack' | 'rst' | 'none'

export function segmentOf(flags: number): Segment {
  if (flags & TCP.RST) return 'rst'
  if (flags & TCP.SYN) return flags & TCP.ACK ? 'synack' : 'syn'
  if (flags & TCP.FIN) return 'fin'
  if (flags & TCP.ACK) return 'ack'
  return 'none'
}

/** What follows: a state, `ignore` (let it pass, change nothing) or `invalid`. */
export type Step = TcpState | 'ignore' | 'invalid'

/** enum tcp_conntrack, in its order. */
export const STATES = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
] as const

/** A state as a dump spells it; LISTEN is the old word for SYN_SENT2. */
export function tcpStateNamed(word: string | undefined): TcpState | undefined {
  const name = word === 'LISTEN' ? 'SYN_SENT2' : word
  return STATES.find(state => state === name)
}

const SHORT: Readonly<Record<string, Step>> = {
  SS: 'SYN_SENT',
  SR: 'SYN_RECV',
  ES: 'ESTABLISHED',
  FW: 'FIN_WAIT',
  CW: 'CLOSE_WAIT',
  LA: 'LAST_ACK',
  TW: 'TIME_WAIT',
  CL: 'CLOSE',
  S2: 'SYN_SENT2',
  ig: 'ignore',
  '--': 'invalid',
}
const row = (cells: string): readonly Step[] =>
  cells
    .trim()
    .split(/\s+/)
    .map(c => SHORT[c]!)

/**
 * The tracker's transitions (what tcp_conntracks[][][] in nf_conntrack_proto_tcp.c encodes), one column a
 * present state: NONE SS SR ES FW CW LA TW CL S2.
 */
const NEXT: Readonly<Record<Direction, Readonly<Record<Segment, readonly Step[]>>>> = {
  original: {
    syn: row('   SS SS ig ig ig ig ig SS SS S2'),
    synack: row('-- -- SR -- -- -- -- -- -- SR'),
    fin: row('   -- -- FW FW LA LA LA TW CL --'),
    ack: row('   ES -- ES ES CW CW TW TW CL --'),
    rst: row('   -- CL CL CL CL CL CL CL CL CL'),
    none: row('  -- -- -- -- -- -- -- -- -- --'),
  },
  reply: {
    syn: row('   -- S2 -- -- -- -- -- SS -- S2'),
    synack: row('-- SR ig ig ig ig ig ig ig SR'),
    fin: row('   -- -- FW FW LA LA LA TW CL --'),
    ack: row('   -- ig SR ES CW CW TW TW CL ig'),
    rst: row('   -- CL CL CL CL CL CL CL CL CL'),
    none: row('  -- -- -- -- -- -- -- -- -- --'),
  },
}

export const nextTcpState = (dir: Direction, segment: Segment, state: TcpState): Step =>
  NEXT[dir][segment][STATES.indexOf(state)]!

/** tcp_valid_flags[]: combinations of SYN FIN RST ACK URG (PSH aside) that a sane stack sends (tcp_error()). */
export function flagsAreSane(flags: number): boolean {
  const f = flags & (TCP.FIN | TCP.SYN | TCP.RST | TCP.ACK | TCP.URG)
  switch (f) {
    case TCP.SYN:
    case TCP.SYN | TCP.URG:
    case TCP.SYN | TCP.ACK:
    case TCP.RST:
    case TCP.RST | TCP.ACK:
    case TCP.FIN | TCP.ACK:
    case TCP.FIN | TCP.ACK | TCP.URG:
    case TCP.ACK:
    case TCP.ACK | TCP.URG:
      return true
    default:
      return false
  }
}
