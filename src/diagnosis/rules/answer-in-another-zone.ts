import { toolOf } from '../../values/tool.js'
import { type EventOf, firstOf, lastOf } from '../events.js'
import type { ConntrackLine, Netns } from '../../model/snapshot.js'
import { parseConntrack } from '../../parse/conntrack.js'
import type { PacketTrace } from '../../trace/events.js'
import { type CureIdea, cure, type DiagnosisRule } from '../finding.js'
import type { Inquiry, Stop } from '../inquiry.js'
import { matching, takeAway } from '../remedies.js'
import { inside, whereDecided } from '../where.js'

type Tracked = EventOf<'conntrack'>
type Rule = EventOf<'rule'>

/**
 * Conntrack keeps a connection in one zone and looks for its answers in another (CT --zone for one way only, or
 * --zone-reply), so the answer is a connection of its own to it: it is not translated back, or it can't be entered, because
 * the first one, seen from the other end, has its tuple.
 */
export const answerInAnotherZone: DiagnosisRule = {
  id: 'answer-in-another-zone',
  asks: 'did conntrack look for the answer in another zone than the connection waits for it in?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.leg !== 'reply') return undefined
    for (const packet of inquiry.replies)
      for (const seen of packet.events) {
        if (seen.kind !== 'conntrack' || seen.seq > stop.event.seq) continue
        if (seen.action !== 'new' && seen.action !== 'invalid') continue
        const split = splitAt(inquiry, packet, seen)
        if (split && matters(split, seen, stop)) return finding(inquiry, stop, split, packet, seen)
      }
    return undefined
  },
}

/** A connection, and the zone in which its answer was looked for. */
interface Split {
  readonly known: Tracked
  readonly entry: ConntrackLine
  /** The zone that its answers must come in, and the one that this answer came in. */
  readonly waits: number
  readonly came: number
  readonly asked: Rule | undefined
  readonly answered: Rule | undefined
}

const entryOf = ({ entry }: Tracked): ConntrackLine | undefined =>
  entry === undefined ? undefined : parseConntrack(entry, '').entries[0]
const zoneOfAnswers = ({ zone, zoneOnly }: Pick<ConntrackLine, 'zone' | 'zoneOnly'>): number =>
  zoneOnly === 'original' ? 0 : zone

/** The connection that an answer would have belonged to but for its zone. */
function splitAt(inquiry: Inquiry, answer: PacketTrace, seen: Tracked): Split | undefined {
  const came = inquiry.packetAt(answer, seen.seq)
  if (!came) return undefined
  for (const request of inquiry.requests)
    for (const known of request.events) {
      if (known.kind !== 'conntrack' || known.netns !== seen.netns || known.seq > seen.seq) continue
      const entry = known.action === 'confirm' || known.action === 'original' ? entryOf(known) : undefined
      if (!entry) continue
      const { src, dst, sport, dport } = entry.reply
      if (src !== came.src || dst !== came.dst || sport !== came.sport || dport !== came.dport) continue
      const [asked, answered] = [zoneRule(request, known), zoneRule(answer, seen)]
      const waits = zoneOfAnswers(entry)
      const zone = zoneOf(seen, answered)
      if (zone !== undefined && zone !== waits) return { known, entry, waits, came: zone, asked, answered }
    }
  return undefined
}

/** The rule that gave a packet its zone: the first one counts (xt_ct_target() leaves alone what has a template). */
const zoneRule = ({ events }: PacketTrace, { netns, seq }: Tracked): Rule | undefined =>
  firstOf(events, 'rule', e => e.netns === netns && e.seq < seq && / -j CT\b/.test(e.text))

/** What conntrack calls INVALID has no entry: its zone is the rule's. Undefined: it is a matter of the mark. */
function zoneOf(seen: Tracked, rule: Rule | undefined): number | undefined {
  const made = entryOf(seen)
  if (made) return zoneOfAnswers(made)
  const [, way, zone] = / --zone(-orig|-reply)? (\d+|mark)\b/.exec(rule?.text ?? '') ?? []
  if (zone === 'mark') return undefined
  return zone === undefined || way === '-orig' ? 0 : Number(zone)
}

/** An answer without its connection often passes all the same: not if it must be translated, or a rule asks for its state. */
function matters({ entry: { original, reply } }: Split, seen: Tracked, { packet, event, by }: Stop): boolean {
  if (event.kind === 'dropped' && event.reason === 'X_CONNTRACK') return event.netns === seen.netns
  const translated =
    original.src !== reply.dst ||
    original.dst !== reply.src ||
    original.sport !== reply.dport ||
    original.dport !== reply.sport
  const renamed = packet.events.some(e => e.kind === 'rewrite' && e.netns === seen.netns)
  return by
    ? by.kind === 'rule' && /--(ct)?state /.test(by.text) && by.netns === seen.netns
    : translated || renamed
}

function finding(inquiry: Inquiry, stop: Stop, split: Split, packet: PacketTrace, seen: Tracked) {
  const { known, waits, came, asked, answered } = split
  const netns = inquiry.netns(seen.netns)
  const clash = stop.event.kind === 'dropped' && stop.event.reason === 'X_CONNTRACK'
  const rule = asked ?? answered
  return {
    id: 'answer-in-another-zone',
    severity: 'error' as const,
    says: `conntrack on ${netns.name} waits for the answers of connection #${known.id} in zone ${waits}, and this one comes in zone ${came}: to conntrack it does not belong to it, ${
      clash
        ? 'and it is dropped, for as a new connection its tuples are taken by the first one, seen from the other end'
        : 'so nothing is translated back and no rule finds it ESTABLISHED'
    }`,
    ...(rule ? { where: whereDecided(netns, rule) } : {}),
    evidence: [known.seq, ...[asked, answered].flatMap(r => (r ? [r.seq] : [])), seen.seq, stop.event.seq],
    see: inside(netns, `conntrack -L -o extended; ${toolOf(inquiry.family)} -t raw -S`),
    cures: [
      ...intoZone(inquiry, netns, split, packet, seen),
      ...[asked, answered].flatMap(r => (r ? [takeAway(netns.name, r)] : [])),
    ],
  }
}

/** Answers get the zone where they are waited for. */
function intoZone(
  inquiry: Inquiry,
  netns: Netns,
  { waits, entry }: Split,
  packet: PacketTrace,
  seen: Tracked,
): CureIdea[] {
  const hook = lastOf(packet.events, 'hook', e => e.netns === netns.name && e.seq < seen.seq)
  if (waits === 0 || !hook) return []
  const { src, dst, sport } = entry.reply
  const { proto } = inquiry.flow
  const ends = matching({ src, dst, proto, ...(sport === undefined ? {} : { sport }) })
  return [
    cure(`track the answers in zone ${waits}, too`, [
      netns.name,
      `${toolOf(inquiry.family)} -t raw -I ${hook.hook} 1 ${ends} -j CT --zone ${waits}`,
    ]),
  ]
}
