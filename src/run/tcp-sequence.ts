import { type Packet, TCP } from '../model/packet.js'
import { numbersOf } from '../conntrack/tcp-window.js'

/** Windows that Linux announces: of a SYN as it is, later on in units of 128 bytes (window scaling by 7). */
const SYN_WINDOW = 64240
const DATA_WINDOW = 502

/**
 * The sequence numbers of one end of a TCP connection. Each end says one thing in it, so whatever has data is that, or
 * its repetition.
 */
export class Sequence {
  private next: number
  private expected = 0

  /** @param first the initial sequence number */
  constructor(private readonly first: number) {
    this.next = first
  }

  /** tcp_rcv_established(): what comes in order is taken. Tells whether it has come before. */
  hear(packet: Packet): 'new' | 'repeated' {
    const numbers = numbersOf(packet)
    if (!numbers) return 'new'
    if ((packet.tcpFlags ?? 0) & TCP.SYN || numbers.seq === this.expected) this.expected = numbers.end
    else if (packet.payload > 0 && numbers.end <= this.expected) return 'repeated'
    return 'new'
  }

  /** The numbers of a segment that this end sends now. */
  stamp(flags: number, payload: number): NonNullable<Packet['tcp']> {
    const seq = flags & TCP.SYN ? this.first : payload > 0 ? this.first + 1 : this.next
    const end = seq + payload + (flags & (TCP.SYN | TCP.FIN) ? 1 : 0)
    this.next = Math.max(this.next, end)
    return {
      seq,
      ack: flags & TCP.ACK ? this.expected : 0,
      window: flags & TCP.SYN ? SYN_WINDOW : DATA_WINDOW,
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
