import { anyIp, type Family } from '../values/ip.js'
import type { TcpWindows } from './tcp-window.js'
import type { Tuple } from './tuple.js'

export type Direction = 'original' | 'reply'
export const opposite = (dir: Direction): Direction => (dir === 'original' ? 'reply' : 'original')

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

/** enum sctp_conntrack, as `conntrack -L` spells them. */
export type SctpState =
  | 'NONE'
  | 'CLOSED'
  | 'COOKIE_WAIT'
  | 'COOKIE_ECHOED'
  | 'ESTABLISHED'
  | 'SHUTDOWN_SENT'
  | 'SHUTDOWN_RECD'
  | 'SHUTDOWN_ACK_SENT'
  | 'HEARTBEAT_SENT'

/** A zone as a packet has it: a number, for both directions or one. */
export interface Zone {
  readonly id: number
  readonly only?: Direction
}

/**
 * struct nf_conn. The table that holds it changes it in place, and so do the nat, mark and state code; events
 * hold printed copies, so a trace never changes afterwards.
 */
export interface ConntrackEntry {
  readonly id: number
  original: Tuple
  reply: Tuple
  readonly zone: number
  /** CT --zone-orig, --zone-reply: the zone counts in this direction alone, 0 in the other. */
  readonly zoneOnly?: Direction
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
  sctpState?: SctpState
  /** The segment before, as tcp_packet() remembers it. */
  tcpLast?: { dir: Direction; index: string }
  /** What both sides may send; absent: nobody told the numbers of its segments (an entry of the dump). */
  tcpWindows?: TcpWindows
  /** IP_CT_TCP_FLAG_CLOSE_INIT: one side has said FIN. */
  tcpClosed?: boolean
  /** IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED, by the direction that has sent. */
  tcpUnacked?: Partial<Record<Direction, boolean>>
  /** UDP: from this virtual time on, traffic both ways makes a stream. */
  streamAt?: number
  /** Virtual time (s) at which the entry is gone. */
  expires: number
  master?: ConntrackEntry
  helper?: string
  /** Bits of -m connlabel; absent: an entry of the dump, which does not tell them. */
  labels?: Set<number>
  /** Device index that masquerade chose, nf_nat_oif_changed(). */
  masqueradeDev?: string
  /** Set where IPVS has written the reply tuple. */
  ipvs?: boolean
  /** Packets in each direction so far, -m connbytes. */
  packets: { original: number; reply: number }
  bytes: { original: number; reply: number }
}

/** An entry of which nothing is known but its tuples. */
export const newEntry = (id: number, original: Tuple, reply: Tuple, zone: Zone): ConntrackEntry => ({
  id,
  original,
  reply,
  zone: zone.id,
  labels: new Set(),
  ...(zone.only && zone.id !== 0 ? { zoneOnly: zone.only } : {}),
  confirmed: false,
  seenReply: false,
  assured: false,
  srcNat: false,
  dstNat: false,
  srcNatDone: false,
  dstNatDone: false,
  dying: false,
  closing: false,
  mark: 0,
  expires: Number.POSITIVE_INFINITY,
  packets: { original: 0, reply: 0 },
  bytes: { original: 0, reply: 0 },
})

/** nf_ct_tmpl_alloc(), xt_ct_tg_check(): what a rule's CT target ties to packets. It counts as confirmed, and has no end. */
export function templateEntry(family: Family): ConntrackEntry {
  const nowhere = { address: anyIp(family), port: 0 }
  const empty = { src: nowhere, dst: nowhere, proto: 0 }
  return { ...newEntry(0, empty, empty, { id: 0 }), confirmed: true, expires: 0 }
}

/** nf_ct_zone_id(). */
export const zoneIn = (zone: Zone, dir: Direction): number =>
  zone.only === undefined || zone.only === dir ? zone.id : 0
export const zoneOf = (entry: ConntrackEntry): Zone => ({
  id: entry.zone,
  ...(entry.zoneOnly ? { only: entry.zoneOnly } : {}),
})

export const directionOf = (info: CtInfo): Direction =>
  info === 'ESTABLISHED_REPLY' || info === 'RELATED_REPLY' ? 'reply' : 'original'
