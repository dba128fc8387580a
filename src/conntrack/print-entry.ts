import { PROTO } from '../values/proto.js'
import type { ConntrackEntry } from './entry.js'
import type { Tuple } from './tuple.js'

/** Names that `conntrack -L` prints; every other protocol is `unknown`. */
const NAMES = new Map<number, string>([
  [PROTO.icmp, 'icmp'],
  [PROTO.tcp, 'tcp'],
  [PROTO.udp, 'udp'],
  [PROTO.dccp, 'dccp'],
  [PROTO.gre, 'gre'],
  [PROTO.icmpv6, 'icmpv6'],
  [PROTO.sctp, 'sctp'],
  [PROTO.udplite, 'udplite'],
])

/**
 * An entry as conntrack(8) 1.4.7 lists it (`conntrack -L`). `now` is virtual time in seconds; the time left is
 * what the tool shows a moment later, so a fresh 120 s prints 119.
 */
export function conntrackLine(entry: ConntrackEntry, now: number): string {
  const { proto } = entry.original
  const left = Math.max(0, Math.ceil(entry.expires - now) - 1)
  const known = entry.tcpState ?? entry.sctpState
  const state = known === undefined ? '' : `${known} `
  return [
    `${(NAMES.get(proto) ?? 'unknown').padEnd(8)} ${proto} ${left} ${state}${tupleText(entry.original)}`,
    ...(entry.zoneOnly === 'original' && entry.zone !== 0 ? [`zone-orig=${entry.zone}`] : []),
    ...(entry.seenReply ? [] : ['[UNREPLIED]']),
    tupleText(entry.reply),
    ...(entry.zoneOnly === 'reply' && entry.zone !== 0 ? [`zone-reply=${entry.zone}`] : []),
    ...(entry.assured ? ['[ASSURED]'] : []),
    `mark=${entry.mark}`,
    ...(entry.zone === 0 || entry.zoneOnly ? [] : [`zone=${entry.zone}`]),
    ...(entry.helper === undefined ? [] : [`helper=${entry.helper}`]),
    'use=1',
  ].join(' ')
}

/** `src=… dst=…` and what tells connections of the protocol apart. */
export function tupleText(t: Tuple): string {
  const ends = `src=${t.src.address} dst=${t.dst.address}`
  if (t.icmp) return `${ends} type=${t.icmp.type} code=${t.icmp.code} id=${t.src.port}`
  if (t.proto === PROTO.gre)
    return `${ends} srckey=0x${t.src.port.toString(16)} dstkey=0x${t.dst.port.toString(16)}`
  return NAMES.has(t.proto) ? `${ends} sport=${t.src.port} dport=${t.dst.port}` : ends
}
