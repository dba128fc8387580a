import type { SocketOwner } from '../skb/skb.js'

/** What a question tells of the client's socket and packets besides addresses and ports. All of it may be absent. */
export interface Sends {
  /** SO_MARK of its socket. */
  readonly mark?: number
  /** IP_TOS, IPV6_TCLASS of its socket: the whole byte. */
  readonly tos?: number
  /** Who it runs as. */
  readonly owner?: SocketOwner
  /** What it asks with: one character (0–255) a byte. */
  readonly data?: string
  /** Bytes of the packet that asks, IP header included. Smaller ones than the headers need have no data. */
  readonly length?: number
  /** Flags of its first TCP segment, in place of SYN. */
  readonly tcpFlags?: number
}
