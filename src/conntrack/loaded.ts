import type { IpvsTable, VirtualService } from '../model/ipvs.js'
import type { ConntrackLine, TupleText } from '../model/snapshot.js'
import { PROTO } from '../values/proto.js'
import type { ConntrackEntry, SctpState, Zone } from './entry.js'
import { sctpStateNamed } from './state-sctp.js'
import { tcpStateNamed } from './state-tcp.js'
import type { Tuple } from './tuple.js'

/** An entry of `conntrack -L` as the tracker would have it. A dump shows no status bits: they follow from the rest. */
export function loaded(
  line: ConntrackLine,
  fresh: (of: [original: Tuple, reply: Tuple, zone: Zone]) => ConntrackEntry,
  ipvs?: IpvsTable,
): ConntrackEntry {
  const zone: Zone = { id: line.zone, ...(line.zoneOnly ? { only: line.zoneOnly } : {}) }
  const entry = fresh([tupleOf(line.proto, line.original), tupleOf(line.proto, line.reply), zone])
  const { original, reply } = line
  entry.confirmed = true
  delete entry.labels
  entry.seenReply = !line.unreplied
  entry.assured = line.assured
  entry.mark = line.mark
  // an offloaded connection is listed without a time-out: the flow table keeps it alive
  entry.expires = /\[(HW_)?OFFLOAD\]/.test(line.text) ? Number.POSITIVE_INFINITY : line.timeout
  if (line.helper !== undefined) entry.helper = line.helper
  if (line.proto === PROTO.tcp) {
    const state = tcpStateNamed(line.state)
    entry.tcpState = state ?? (line.assured ? 'ESTABLISHED' : 'NONE')
    entry.tcpClosed =
      state === 'FIN_WAIT' || state === 'CLOSE_WAIT' || state === 'LAST_ACK' || state === 'TIME_WAIT'
  } else if (line.proto === PROTO.sctp) entry.sctpState = (sctpStateNamed(line.state) ?? 'NONE') as SctpState
  // whatever has got into a dump is older than the two seconds after which UDP counts as a stream
  entry.streamAt = 0
  entry.srcNatDone = entry.dstNatDone = true
  entry.ipvs = ipvs !== undefined && isOfService(ipvs, line)
  // ip_vs_update_conntrack() alters the reply without a word to NAT
  entry.dstNat = !entry.ipvs && (reply.src !== original.dst || reply.sport !== original.dport)
  entry.srcNat = reply.dst !== original.src || reply.dport !== original.sport
  return entry
}

const indexes = new WeakMap<IpvsTable, Map<string, VirtualService[]>>()

/** Does the entry belong to one of these Services? */
export const isOfService = (table: IpvsTable, line: ConntrackLine): boolean =>
  servicesFor(table, line).some(service => isOf(service, line))

/** Services that the entry may belong to: those of its destination, and those of firewall marks, which may take any. */
function servicesFor(table: IpvsTable, { original }: ConntrackLine): readonly VirtualService[] {
  let index = indexes.get(table)
  if (!index) {
    index = new Map()
    for (const service of table.services) {
      const key = service.id.kind === 'address' ? service.id.address : ''
      const list = index.get(key)
      if (list) list.push(service)
      else index.set(key, [service])
    }
    indexes.set(table, index)
  }
  return [...(index.get(original.dst) ?? []), ...(index.get('') ?? [])]
}

/** Does the entry lead from this virtual service to one of its real servers? */
function isOf({ id, realServers }: VirtualService, { proto, original, reply }: ConntrackLine): boolean {
  if (id.kind === 'address') {
    if (PROTO[id.proto.toLowerCase() as 'tcp' | 'udp' | 'sctp'] !== proto || id.address !== original.dst)
      return false
    if (id.port !== 0 && id.port !== original.dport) return false
  }
  return realServers.some(r => r.method === 'Masq' && r.address === reply.src && reply.src !== original.dst)
}

function tupleOf(proto: number, t: TupleText): Tuple {
  const icmp = proto === PROTO.icmp || proto === PROTO.icmpv6
  const sport = icmp ? (t.icmpId ?? 0) : (t.sport ?? 0)
  const dport = icmp ? (t.icmpId ?? 0) : (t.dport ?? 0)
  return {
    proto,
    src: { address: t.src, port: sport },
    dst: { address: t.dst, port: dport },
    ...(icmp ? { icmp: { type: t.icmpType ?? 8, code: t.icmpCode ?? 0 } } : {}),
  }
}
