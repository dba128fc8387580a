import type { ConntrackLine, TupleText } from '../model/snapshot.js'
import { PROTO } from '../values/proto.js'
import type { Space } from '../world/space.js'
import type { ConntrackEntry, Direction, TcpState } from './entry.js'
import { type Tuple, tupleKey } from './tuple.js'

export interface Found {
  readonly entry: ConntrackEntry
  readonly dir: Direction
}

/** The hash of confirmed entries of one namespace, and the means to make new ones. */
export class ConntrackTable {
  private readonly byTuple = new Map<string, Found>()
  private readonly entries = new Set<ConntrackEntry>()
  private ids = 0

  constructor(readonly space: Space) {
    for (const line of space.netns.conntrack) this.load(line)
  }

  /** nf_conntrack_find_get(): confirmed entries only. */
  find(tuple: Tuple, zone: number, now: number): Found | undefined {
    const found = this.byTuple.get(keyOf(tuple, zone))
    if (!found) return undefined
    if (found.entry.expires <= now) {
      this.remove(found.entry)
      return undefined
    }
    return found
  }

  /** init_conntrack(): an entry that is not in the table yet. */
  fresh(original: Tuple, reply: Tuple, zone: number): ConntrackEntry {
    return {
      id: ++this.ids,
      original,
      reply,
      zone,
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
    }
  }

  /** __nf_conntrack_confirm(): false if another connection has taken one of the tuples meanwhile. */
  confirm(entry: ConntrackEntry, now: number): boolean {
    if (this.find(entry.original, entry.zone, now) || this.find(entry.reply, entry.zone, now)) return false
    entry.confirmed = true
    this.insert(entry)
    return true
  }

  private insert(entry: ConntrackEntry): void {
    this.entries.add(entry)
    this.byTuple.set(keyOf(entry.original, entry.zone), { entry, dir: 'original' })
    this.byTuple.set(keyOf(entry.reply, entry.zone), { entry, dir: 'reply' })
  }

  /** IPVS rewrites the reply tuple of an entry that may be in the table already: nf_conntrack_alter_reply(). */
  alterReply(entry: ConntrackEntry, reply: Tuple): void {
    if (entry.confirmed) this.byTuple.delete(keyOf(entry.reply, entry.zone))
    entry.reply = reply
    if (entry.confirmed) this.byTuple.set(keyOf(reply, entry.zone), { entry, dir: 'reply' })
  }

  /** nf_ct_kill(). */
  remove(entry: ConntrackEntry): void {
    entry.dying = true
    this.entries.delete(entry)
    for (const tuple of [entry.original, entry.reply]) {
      const key = keyOf(tuple, entry.zone)
      if (this.byTuple.get(key)?.entry === entry) this.byTuple.delete(key)
    }
  }

  /** nf_conntrack_tuple_taken(): does any other entry own this tuple? */
  taken(tuple: Tuple, besides: ConntrackEntry, now: number): boolean {
    const found = this.find(tuple, besides.zone, now)
    return found !== undefined && found.entry !== besides
  }

  list(now: number): readonly ConntrackEntry[] {
    return [...this.entries].filter(e => e.expires > now)
  }
  get size(): number {
    return this.entries.size
  }

  private load(line: ConntrackLine): void {
    const entry = this.fresh(tupleOf(line.proto, line.original), tupleOf(line.proto, line.reply), line.zone)
    const expected = {
      src: line.original.dst,
      dst: line.original.src,
      sport: line.original.dport,
      dport: line.original.sport,
    }
    entry.confirmed = true
    entry.seenReply = !line.unreplied
    entry.assured = line.assured
    entry.mark = line.mark
    entry.expires = line.timeout
    if (line.state !== undefined) entry.tcpState = line.state as TcpState
    // a dump shows no status bits: they follow from how the reply differs from the original
    entry.srcNatDone = entry.dstNatDone = true
    entry.dstNat = line.reply.src !== expected.src || line.reply.sport !== expected.sport
    entry.srcNat = line.reply.dst !== expected.dst || line.reply.dport !== expected.dport
    this.insert(entry)
  }
}

const keyOf = (tuple: Tuple, zone: number): string =>
  zone === 0 ? tupleKey(tuple) : `${zone}|${tupleKey(tuple)}`

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
