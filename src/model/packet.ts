import type { Family, Ip } from '../values/ip.js'
import type { Mac } from '../values/mac.js'

/** TCP flags as bits, in the header's order. */
export const TCP = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 } as const
/** ICMPv6 types of neighbour discovery. */
export const ND = { solicitation: 135, advertisement: 136 } as const
export type TcpFlagName = keyof typeof TCP

export interface SctpChunk {
  readonly type: number
  /** Eight bits, whose meaning is the type's own. */
  readonly flags?: number
}

/** An extension header of IPv6 (RFC 8200); AH is one there. */
export type ExtensionHeader =
  | {
      readonly kind: 'hbh' | 'dst'
      /** Options by type, with the length of their data in bytes; padding at the end is left out. */
      readonly options: readonly { readonly type: number; readonly length: number }[]
    }
  | {
      readonly kind: 'rt'
      /** 0: source route; 2: home address; 4: segments. */
      readonly type: number
      readonly segmentsLeft: number
      readonly addresses: readonly Ip[]
    }
  | { readonly kind: 'ah'; readonly spi: number }

/**
 * What is on the wire. No device, no mark, no connection: those belong to the skb. Immutable; headers are
 * changed by `skb/rewrite.ts` alone.
 */
export interface Packet {
  readonly family: Family
  readonly src: Ip
  readonly dst: Ip
  /** IP protocol number. */
  readonly proto: number
  readonly sport?: number
  readonly dport?: number
  readonly tcpFlags?: number
  /** Sequence numbers (as if they began at a round number, and not by chance) and the window as it stands in the header. */
  readonly tcp?: { readonly seq: number; readonly ack: number; readonly window: number }
  /** Numbers of the TCP options that are there, in order. */
  readonly tcpOptions?: readonly number[]
  readonly icmp?: {
    readonly type: number
    readonly code: number
    readonly id?: number
    readonly gateway?: Ip
    /** Of "fragmentation needed" and "packet too big": what fits. */
    readonly mtu?: number
    /** Of neighbour discovery: the address that is asked for, and the MAC address that its option tells. */
    readonly target?: Ip
    readonly lladdr?: Mac
  }
  /** Chunks of an SCTP packet, in order. */
  readonly sctpChunks?: readonly SctpChunk[]
  readonly dccp?: {
    readonly type: number
    /** Numbers of the options that are there. */
    readonly options: readonly number[]
  }
  /** SPI of ESP or AH, CPI of IPComp. */
  readonly spi?: number
  /** Type of a Mobility Header message. */
  readonly mhType?: number
  /** Extension headers of IPv6, in order; that of a fragment is not among them. */
  readonly headers?: readonly ExtensionHeader[]
  readonly ttl: number
  readonly tos: number
  /** IP identification; made by a counter, so that an observer can tell packets apart. */
  readonly id: number
  readonly dontFragment: boolean
  readonly moreFragments: boolean
  /** In bytes; above 0 in second and further fragments. */
  readonly fragmentOffset: number
  /** Its sender (or a router, in IPv4) cuts it to pieces of at most so many bytes; they are followed as one packet. */
  readonly fragmentedTo?: number
  /** Segment size that a SYN offers. */
  readonly mss?: number
  /** Bytes behind the transport header. */
  readonly payload: number
  /** What these bytes are, one character (0–255) each; absent: not told. */
  readonly data?: string
  /** The quoted packet of an ICMP error, or the packet inside a tunnel. */
  readonly inner?: Packet
  readonly vni?: number
  /** `vlan`: the id of its 802.1Q tag. */
  readonly eth?: { readonly src: Mac; readonly dst: Mac; readonly vlan?: number }
}
