import type { Tuple } from './tuple.js'

export type Direction = 'original' | 'reply'
/** enum ip_conntrack_info, of a packet. */
export type CtInfo = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'ESTABLISHED_REPLY' | 'RELATED_REPLY'

export type TcpState =
  | 'NONE'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'SYN_SENT2'

/**
 * struct nf_conn. The table that holds it changes it in place, and so do the nat, mark and state code; events
 * hold printed copies, so a trace never changes afterwards.
 */
export interface ConntrackEntry {
  readonly id: number
  original: Tuple
  reply: Tuple
  readonly zone: number
  confirmed: boolean
  seenReply: boolean
  assured: boolean
  /** IPS_SRC_NAT, IPS_DST_NAT: the reply tuple was altered. */
  srcNat: boolean
  dstNat: boolean
  /** IPS_SRC_NAT_DONE, IPS_DST_NAT_DONE: nat has decided (a null binding counts). */
  srcNatDone: boolean
  dstNatDone: boolean
  dying: boolean
  /** Set by REJECT's RST: the next packet may open the connection anew. */
  closing: boolean
  mark: number
  tcpState?: TcpState
  /** Which side closed or opened last, per direction, as tcp_packet() remembers it. */
  tcpLast?: { dir: Direction; index: string }
  /** Virtual time (s) at which the entry is gone. */
  expires: number
  master?: ConntrackEntry
  helper?: string
  /** Device index that masquerade chose, nf_nat_oif_changed(). */
  masqueradeDev?: string
  /** Set where IPVS has written the reply tuple. */
  ipvs?: boolean
  /** Packets in each direction so far, -m connbytes. */
  packets: { original: number; reply: number }
  bytes: { original: number; reply: number }
}

export const directionOf = (info: CtInfo): Direction =>
  info === 'ESTABLISHED_REPLY' || info === 'RELATED_REPLY' ? 'reply' : 'original'
