import { type Packet, TCP } from '../model/packet.js'
import type { Here } from '../run/here.js'
import type { Step } from './advance.js'
import { type ConntrackEntry, type Direction, opposite, type TcpState } from './entry.js'
import { flagsAreSane, nextTcpState, type Segment, segmentOf } from './state-tcp.js'
import { fallIn, inWindow, judgeReset, openWindows, passOver, wasAccepted } from './tcp-window.js'
import { TCP_TIMEOUTS, TCP_UNACKNOWLEDGED_TIMEOUT } from './timeouts.js'

/** Both sides have begun to close, or have closed: tcp_can_early_drop(). */
const CLOSING: readonly TcpState[] = ['FIN_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'CLOSE_WAIT']

/** nf_conntrack_tcp_packet() (net/netfilter/nf_conntrack_proto_tcp.c). */
export function trackTcp(entry: ConntrackEntry, packet: Packet, dir: Direction, here: Here): Step {
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
  const windows = old === 'NONE' ? openWindows(packet) : entry.tcpWindows
  if (windows) entry.tcpWindows = windows
  if (next === 'ignore') {
    const answersIgnored =
      segment === 'synack' &&
      last?.index === 'syn' &&
      last.dir !== dir &&
      (!windows || wasAccepted(windows, packet))
    entry.tcpLast = { dir, index: segment }
    if (!answersIgnored) {
      if (windows) passOver(windows, packet)
      return 'pass'
    }
    // the ends agree on a new connection that the tracker had passed over: it falls in with them
    old = 'SYN_SENT'
    next = 'SYN_RECV'
    if (windows) fallIn(windows, last.dir)
  }
  const setting = (name: string) => here.space.number(`net.netfilter.nf_conntrack_tcp_${name}`) !== 0
  if (windows) {
    let judged = true
    if (segment === 'rst' && next === 'CLOSE') {
      const isEstablished = old === 'ESTABLISHED' && entry.assured
      const reset = CLOSING.includes(old)
        ? 'close'
        : judgeReset(windows, dir, packet, { isEstablished, last })
      if (reset === 'old' && !setting('ignore_invalid_rst'))
        return { because: `a reset that comes late for connection #${entry.id}` }
      if (reset === 'keep') next = old as TcpState
      judged = !CLOSING.includes(old) && !answersPassedOver(entry, packet, last, windows.lastEnd)
    }
    if (judged) {
      const fits = inWindow(windows, dir, packet, { state: old, beLiberal: setting('be_liberal') })
      if (fits !== 'in')
        return fits === 'ignore' ? 'pass' : { because: `${fits.because}: connection #${entry.id}` }
    }
  }
  entry.tcpState = next
  entry.tcpLast = { dir, index: segment }
  if (segment === 'fin') entry.tcpClosed = true
  noteData(entry, packet, dir)
  if (segment === 'rst' && !entry.seenReply) {
    // the only answer is a refusal: the connection is forgotten at once, the packet still belongs to it
    if (entry.confirmed) here.state.conntrack.remove(entry)
    return 'pass'
  }
  if (entry.seenReply && (old === 'SYN_RECV' || old === 'ESTABLISHED') && next === 'ESTABLISHED')
    entry.assured = true
  entry.expires = here.run.now + secondsLeft(entry, segment, next, here)
  return 'pass'
}

/** A reset that answers a SYN or ACK which was let through without a look (RFC 5961). */
const answersPassedOver = (
  { seenReply, assured }: ConntrackEntry,
  { tcp }: Packet,
  last: ConntrackEntry['tcpLast'],
  lastEnd: number,
): boolean =>
  tcp?.ack === lastEnd && ((seenReply && last?.index === 'syn') || (!assured && last?.index === 'ack'))

/** IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED: has each side sent what the other has not acknowledged? */
function noteData(entry: ConntrackEntry, { payload, tcpFlags = 0 }: Packet, dir: Direction): void {
  const other = opposite(dir)
  const sends = payload > 0 || (tcpFlags & (TCP.SYN | TCP.FIN)) !== 0
  entry.tcpUnacked = {
    [dir]: sends || (entry.tcpUnacked?.[dir] ?? false),
    [other]: tcpFlags & TCP.ACK ? false : (entry.tcpUnacked?.[other] ?? false),
  }
}

function secondsLeft(
  { tcpUnacked, seenReply }: ConntrackEntry,
  segment: Segment,
  state: TcpState,
  here: Here,
) {
  const seconds = ([key, otherwise]: readonly [string, number]) =>
    here.space.number(`net.netfilter.${key}`, otherwise)
  const timeout = TCP_TIMEOUTS[state as keyof typeof TCP_TIMEOUTS]
  const wait = seconds(segment === 'rst' ? TCP_TIMEOUTS.CLOSE : timeout)
  // data that nobody has acknowledged, or a connection picked up in the middle, is not kept for days
  const unsure = tcpUnacked?.original || tcpUnacked?.reply || (!seenReply && state === 'ESTABLISHED')
  return unsure ? Math.min(wait, seconds(TCP_UNACKNOWLEDGED_TIMEOUT)) : wait
}
