import { type Packet, TCP } from '../model/packet.js'
import { DSACK_OPTIONS } from '../talk/birth.js'
import { numbersOf } from '../conntrack/tcp-window.js'

/** Windows that Linux announces: of a SYN as it is, later on in units of 128 bytes (window scaling by 7). */
const SYN_WINDOW = 64240
const DATA_WINDOW = 502

/** TCPOPT_SACK_PERM, of a SYN. */
const SACK_PERMITTED = 4

/**
 * The sequence numbers of one end of a TCP connection. Each end says one thing in it, so whatever has data is that, or
 * its repetition.
 */
export class Sequence {
  private next: number
  private expected = 0
  private acknowledged = 0
  private sackPermitted = true
  /** tcp_dsack_set(): data came a second time, which the next segment is to tell. */
  private duplicate = false

  /** @param first the initial sequence number */
  constructor(private readonly first: number) {
    this.next = first
  }

  /** Has the other end heard all that was sent? */
  get isHeard(): boolean {
    return this.acknowledged >= this.next
  }

  /** tcp_rcv_established(): what comes in order is taken. */
  hear(packet: Packet): void {
    const numbers = numbersOf(packet)
    if (!numbers) return
    const { tcpFlags = 0, tcpOptions = [SACK_PERMITTED], payload } = packet
    if (tcpFlags & TCP.SYN) this.sackPermitted = tcpOptions.includes(SACK_PERMITTED)
    if (tcpFlags & TCP.ACK) this.acknowledged = Math.max(this.acknowledged, numbers.ack)
    if (tcpFlags & TCP.SYN || numbers.seq === this.expected) this.expected = numbers.end
    else if (payload > 0 && numbers.end <= this.expected) this.duplicate = this.sackPermitted
  }

  /** The numbers of a segment that this end sends now, and its options if it tells of a duplicate. */
  stamp(flags: number, payload: number): Pick<Packet, 'tcp' | 'tcpOptions'> {
    const seq = flags & TCP.SYN ? this.first : payload > 0 ? this.first + 1 : this.next
    const end = seq + payload + (flags & (TCP.SYN | TCP.FIN) ? 1 : 0)
    this.next = Math.max(this.next, end)
    const tells = this.duplicate && !(flags & (TCP.SYN | TCP.RST))
    if (tells) this.duplicate = false
    return {
      tcp: {
        seq,
        ack: flags & TCP.ACK ? this.expected : 0,
        window: flags & TCP.SYN ? SYN_WINDOW : DATA_WINDOW,
      },
      ...(tells && { tcpOptions: DSACK_OPTIONS }),
    }
  }
}

/** tcp_v4_send_reset(), nf_reject_ip_tcphdr_put(): a reset takes its numbers from what it answers. */
export function resetNumbers(packet: Packet): Pick<Packet, 'tcp'> {
  const numbers = numbersOf(packet)
  if (!numbers) return {}
  const hadAck = ((packet.tcpFlags ?? 0) & TCP.ACK) !== 0
  return { tcp: hadAck ? { seq: numbers.ack, ack: 0, window: 0 } : { seq: 0, ack: numbers.end, window: 0 } }
}
