import { type Packet, TCP } from '../model/packet.js'
import { type ConntrackEntry, type Direction, opposite, type TcpState } from './entry.js'
import { segmentOf } from './state-tcp.js'

/** struct ip_ct_tcp_state: what a side has sent, and what the other one has let it send, in sequence numbers. */
interface Side {
  /** One past the highest byte sent. */
  end: number
  /** One past the highest byte that the other side has room for. */
  maxEnd: number
  /** The largest window that it has offered; 0: it was not heard yet. */
  maxWindow: number
  /** The highest byte that it has acknowledged. */
  maxAck?: number
  /** By how many bits its window counts more, once both SYNs were seen. */
  scale: number
}

/** Where a TCP connection stands. The tracker saw its SYN, or picked it up in the middle and lets it do as it likes. */
export interface TcpWindows {
  readonly sides: Record<Direction, Side>
  readonly liberal: boolean
  /** One past the last ACK, or the last segment that was passed over; and the window that this one has offered. */
  lastEnd: number
  lastWindow: number
  lastScale: number
}

/** The numbers of a segment. */
interface Numbers {
  readonly seq: number
  readonly end: number
  readonly ack: number
  readonly window: number
}

/** What Linux offers as window scaling (tcp_select_initial_window() with default buffers). */
export const WINDOW_SCALE = 7

const silent = (): Side => ({ end: 0, maxEnd: 0, maxWindow: 0, scale: 0 })

/** segment_seq_plus_len(); undefined: nobody told the packet's numbers. */
export function numbersOf({ tcp, tcpFlags = 0, payload }: Packet): Numbers | undefined {
  if (!tcp) return undefined
  const length = payload + (tcpFlags & TCP.SYN ? 1 : 0) + (tcpFlags & TCP.FIN ? 1 : 0)
  return { ...tcp, end: tcp.seq + length }
}

/** tcp_new(): a SYN begins the count; anything else is taken as it comes. */
export function openWindows(packet: Packet): TcpWindows | undefined {
  const numbers = numbersOf(packet)
  if (!numbers) return undefined
  const { end, window } = numbers
  const isSyn = (packet.tcpFlags ?? 0) & TCP.SYN
  const maxWindow = Math.max(1, window)
  const original: Side = {
    end,
    maxWindow,
    maxEnd: isSyn ? end : end + maxWindow,
    scale: scaleOf(packet),
  }
  return {
    sides: { original, reply: silent() },
    liberal: !isSyn,
    lastEnd: end,
    lastWindow: window,
    lastScale: 0,
  }
}

/** The option counts in a SYN alone. */
const scaleOf = ({ tcpFlags = 0, tcpOptions = [] }: Packet): number =>
  tcpFlags & TCP.SYN && tcpOptions.includes(3) ? WINDOW_SCALE : 0

/** tcp_init_sender(): a side is heard for the first time, or begins anew. */
function begin(windows: TcpWindows, dir: Direction, packet: Packet, { end, window }: Numbers): void {
  const scale = scaleOf(packet)
  const other = windows.sides[opposite(dir)]
  windows.sides[dir] = { end, maxEnd: end, maxWindow: Math.max(1, window), scale }
  // both must offer it
  if (scale === 0 || other.scale === 0) other.scale = windows.sides[dir].scale = 0
}

/**
 * tcp_in_window(): may this segment be, as far as the tracker has followed both sides? `ignore`: it is old, and changes
 * nothing. What it may is noted.
 * @param state of the connection, before this segment
 * @param beLiberal nf_conntrack_tcp_be_liberal: what does not fit may be all the same (nf_tcp_log_invalid())
 */
export function inWindow(
  windows: TcpWindows,
  dir: Direction,
  packet: Packet,
  { state, beLiberal }: { state: TcpState; beLiberal: boolean },
): 'in' | 'ignore' | { readonly because: string } {
  const numbers = numbersOf(packet)
  if (!numbers) return 'in'
  const flags = packet.tcpFlags ?? 0
  const isSyn = (flags & TCP.SYN) !== 0
  let { seq, end, ack, window } = numbers
  const receiver = windows.sides[opposite(dir)]
  if (windows.sides[dir].maxWindow === 0) {
    if (isSyn) {
      begin(windows, dir, packet, numbers)
      if (!(flags & TCP.ACK)) return 'in'
    } else {
      const scaled = Math.max(1, window << windows.sides[dir].scale)
      Object.assign(windows.sides[dir], { end, maxWindow: scaled, maxEnd: end + scaled })
      if (receiver.maxWindow === 0) receiver.end = receiver.maxEnd = ack
      else if (ack === receiver.end + 1) receiver.end++
    }
  } else if (isSyn && (state === 'SYN_SENT' || state === 'SYN_RECV') && end > windows.sides[dir].end) {
    begin(windows, dir, packet, numbers)
    if (!(flags & TCP.ACK)) return 'in'
  }
  const sender = windows.sides[dir]
  // without an ACK, or with the zero of a broken stack, nothing is acknowledged
  if (!(flags & TCP.ACK) || (flags & TCP.RST && ack === 0)) ack = receiver.end
  // a reset that answers a SYN
  if (flags & TCP.RST && seq === 0 && state === 'SYN_SENT') seq = end = sender.end

  const not = (how: 'ignore' | { because: string }) => (windows.liberal || beLiberal ? 'in' : how)
  if (seq > sender.maxEnd) return not({ because: `its data is beyond what the other side has room for` })
  if (ack > receiver.end)
    return not({
      because: 'it acknowledges data that was not seen here (the other way leads past this machine)',
    })
  if (receiver.maxWindow !== 0 && end <= sender.end - receiver.maxWindow - 1) return not('ignore')
  if (ack <= receiver.end - Math.max(66000, sender.maxWindow) - 1) return not('ignore')

  if (!isSyn) window <<= sender.scale
  sender.maxWindow = Math.max(sender.maxWindow, window)
  sender.end = Math.max(sender.end, end)
  if (flags & TCP.ACK) sender.maxAck = Math.max(sender.maxAck ?? ack, ack)
  if (receiver.maxWindow !== 0 && end > sender.maxEnd) receiver.maxWindow += end - sender.maxEnd
  if (ack + window >= receiver.maxEnd) receiver.maxEnd = ack + window + (window === 0 ? 1 : 0)
  if (segmentOf(flags) === 'ack') windows.lastEnd = end
  return 'in'
}

/** What the table of states tells to ignore is remembered: it may be a connection that begins where the tracker sees an old one. */
export function passOver(windows: TcpWindows, packet: Packet): void {
  const numbers = numbersOf(packet)
  if (!numbers) return
  windows.lastEnd = numbers.end
  windows.lastWindow = numbers.window
  windows.lastScale = scaleOf(packet)
}
/** Does this SYN-ACK answer the SYN that was passed over? */
export const wasAccepted = (windows: TcpWindows, { tcp }: Packet): boolean =>
  tcp === undefined || tcp.ack === windows.lastEnd
/** Both ends have begun anew: the tracker counts from the SYN that it has passed over. */
export function fallIn(windows: TcpWindows, dir: Direction): void {
  const { lastEnd: end, lastWindow, lastScale: scale } = windows
  windows.sides[dir] = { end, maxEnd: end, maxWindow: Math.max(1, lastWindow), scale }
  windows.sides[opposite(dir)] = silent()
}

/**
 * The part of nf_conntrack_tcp_packet() about resets: `close` ends the connection, `keep` might be a stranger's (the other
 * side will ask by a challenge ACK), `old` is none of this connection's.
 */
export function judgeReset(
  windows: TcpWindows,
  dir: Direction,
  packet: Packet,
  { isEstablished, last }: { isEstablished: boolean; last: ConntrackEntry['tcpLast'] },
): 'close' | 'keep' | 'old' {
  const numbers = numbersOf(packet)
  const expected = windows.sides[opposite(dir)].maxAck
  if (!numbers || expected === undefined || last?.index === 'syn') return 'close'
  const { seq } = numbers
  if (seq === 0 && !isEstablished) return 'close'
  if (seq < expected) return 'old'
  if (!isEstablished || seq === expected) return 'close'
  return last?.index === 'ack' && last.dir === dir && seq === windows.lastEnd ? 'close' : 'keep'
}
