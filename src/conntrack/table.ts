import type { Space } from '../world/space.js'
import { type ConntrackEntry, type Direction, newEntry, type Zone, zoneIn, zoneOf } from './entry.js'
import { loaded } from './loaded.js'
import { type Tuple, tupleKey } from './tuple.js'

export interface Found {
  readonly entry: ConntrackEntry
  readonly dir: Direction
}

/** The hash of confirmed entries of one namespace, and the means to make new ones. */
export class ConntrackTable {
  private readonly byTuple = new Map<string, ConntrackEntry>()
  private readonly entries = new Set<ConntrackEntry>()
  /** Entries that the kernel counted when the dump was made, and that are not in it. */
  private readonly unseen: number
  private ids = 0

  constructor(readonly space: Space) {
    for (const line of space.netns.conntrack)
      this.insert(loaded(line, entry => this.fresh(...entry), space.netns.ipvs))
    const counted = Number(space.netns.sysctl['net.netfilter.nf_conntrack_count'] ?? 0)
    this.unseen = Number.isSafeInteger(counted) ? Math.max(0, counted - space.netns.conntrack.length) : 0
  }

  /**
   * __nf_conntrack_find_get(): confirmed entries only, each direction in its own zone (nf_ct_zone_equal()).
   * @param bucket a lookup of an entry's own tuple sees the bucket of that direction's zone alone
   */
  find(tuple: Tuple, zone: Zone, now: number, bucket?: Direction): Found | undefined {
    for (const dir of ['original', 'reply'] as const) {
      if (bucket && zoneIn(zone, dir) !== zoneIn(zone, bucket)) continue
      const entry = this.byTuple.get(keyOf(tuple, zoneIn(zone, dir), dir))
      if (!entry) continue
      if (entry.expires > now) return { entry, dir }
      this.remove(entry)
    }
    return undefined
  }

  /** init_conntrack(): an entry that is not in the table yet. */
  fresh(original: Tuple, reply: Tuple, zone: Zone): ConntrackEntry {
    return newEntry(++this.ids, original, reply, zone)
  }

  /** __nf_conntrack_confirm(): false if another connection has taken one of the tuples meanwhile. */
  confirm(entry: ConntrackEntry, now: number): boolean {
    const zone = zoneOf(entry)
    if (this.find(entry.original, zone, now, 'original') || this.find(entry.reply, zone, now, 'reply'))
      return false
    entry.confirmed = true
    this.insert(entry)
    return true
  }

  private insert(entry: ConntrackEntry): void {
    this.entries.add(entry)
    for (const dir of ['original', 'reply'] as const) this.byTuple.set(ownKey(entry, dir), entry)
  }

  /** IPVS rewrites the reply tuple of an entry that may be in the table already: nf_conntrack_alter_reply(). */
  alterReply(entry: ConntrackEntry, reply: Tuple): void {
    if (entry.confirmed) this.byTuple.delete(ownKey(entry, 'reply'))
    entry.reply = reply
    if (entry.confirmed) this.byTuple.set(ownKey(entry, 'reply'), entry)
  }

  /** nf_ct_kill(). */
  remove(entry: ConntrackEntry): void {
    entry.dying = true
    this.entries.delete(entry)
    for (const dir of ['original', 'reply'] as const) {
      const key = ownKey(entry, dir)
      if (this.byTuple.get(key) === entry) this.byTuple.delete(key)
    }
  }

  /** nf_conntrack_tuple_taken(): does any other entry own this tuple? */
  taken(tuple: Tuple, besides: ConntrackEntry, now: number): boolean {
    const found = this.find(tuple, zoneOf(besides), now, 'reply')
    return found !== undefined && found.entry !== besides
  }

  list(now: number): readonly ConntrackEntry[] {
    return [...this.entries].filter(e => e.expires > now)
  }
  /** What nf_conntrack_max is held against: all that live, those that were counted but not dumped among them. */
  count(now: number): { readonly all: number; readonly unseen: number; readonly unassured: number } {
    let all = this.unseen
    let unassured = 0
    for (const entry of this.entries) {
      if (entry.expires <= now) continue
      all++
      if (!entry.assured) unassured++
    }
    return { all, unseen: this.unseen, unassured }
  }
}

const keyOf = (tuple: Tuple, zone: number, dir: Direction): string => `${dir} ${zone} ${tupleKey(tuple)}`
const ownKey = (entry: ConntrackEntry, dir: Direction): string =>
  keyOf(entry[dir], zoneIn(zoneOf(entry), dir), dir)
