import { type EventOf, firstOf, lastOf, notrackIn } from '../events.js'
import type { PacketTrace } from '../../trace/events.js'
import { type CureIdea, cure, type DiagnosisRule, type Suspicion } from '../finding.js'
import type { Inquiry, Stop } from '../inquiry.js'
import { matching, takeAway } from '../remedies.js'
import { seeChain, tables, whereDecided } from '../where.js'

type Rule = EventOf<'rule'>
const HEADERS: readonly string[] = ['src', 'dst', 'sport', 'dport']

/**
 * One direction alone is taken out of tracking. An answer that is: nothing translates it back. A request that is: its
 * answer begins a connection of its own, and nat rules are asked about it.
 */
export const trackedOneWay: DiagnosisRule = {
  id: 'notrack',
  asks: 'was one direction taken out of tracking while the other one is translated?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.leg !== 'reply' || stop.carried || stop.by) return undefined
    for (const name of new Set(stop.packet.events.map(e => e.netns)))
      for (const request of inquiry.requests) {
        const found =
          answerUntracked(inquiry, stop, request, name) ?? answerBegins(inquiry, stop, request, name)
        if (found) return found
      }
    return undefined
  },
}

const translated = ({ events }: PacketTrace, netns: string) =>
  firstOf(events, 'rewrite', e => e.netns === netns && HEADERS.includes(e.field) && !e.by.startsWith('IPVS'))

function answerUntracked(
  inquiry: Inquiry,
  stop: Stop,
  request: PacketTrace,
  name: string,
): Suspicion | undefined {
  const nat = translated(request, name)
  const rule = notrackIn(stop.packet.events, name)?.rule
  if (!nat || !rule || nat.seq > rule.seq) return undefined
  const says = `${name} translates the request, and rule ${rule.number} of ${rule.table} ${rule.chain} takes the answer out of tracking, so nothing there translates it back`
  return suspicion(inquiry, stop, rule, says, nat.seq, [])
}

function answerBegins(
  inquiry: Inquiry,
  stop: Stop,
  request: PacketTrace,
  name: string,
): Suspicion | undefined {
  const nat = translated(stop.packet, name)
  const rule = notrackIn(request.events, name)?.rule
  const begun = firstOf(
    stop.packet.events,
    'conntrack',
    e => (e.action === 'new' || e.action === 'original') && e.netns === name,
  )
  if (!nat || !rule || !begun) return undefined
  const hook = lastOf(stop.packet.events, 'hook', e => e.netns === name && e.seq < begun.seq)
  const says = `rule ${rule.number} of ${rule.table} ${rule.chain} on ${name} takes the request out of tracking, so the answer begins a connection of its own there, and nat rules change its ${nat.field} from ${nat.from} to ${nat.to}`
  const { src, dst, sport } = inquiry.packetAt(stop.packet, begun.seq) ?? {}
  const ends = matching({
    proto: inquiry.flow.proto,
    ...(src && { src }),
    ...(dst && { dst }),
    ...(sport !== undefined && { sport }),
  })
  const both = cure('take the answers out of tracking, too', [
    name,
    `${tables(rule)} -t raw -I ${hook?.hook ?? 'PREROUTING'} 1 ${ends} -j CT --notrack`,
  ])
  return suspicion(inquiry, stop, rule, says, nat.seq, [both])
}

function suspicion(
  inquiry: Inquiry,
  stop: Stop,
  rule: Rule,
  says: string,
  nat: number,
  more: readonly CureIdea[],
): Suspicion {
  const netns = inquiry.netns(rule.netns)
  return {
    id: 'notrack',
    severity: 'error',
    says,
    where: whereDecided(netns, rule),
    evidence: [rule.seq, nat, stop.event.seq],
    see: seeChain(netns, rule),
    cures: [takeAway(netns.name, rule), ...more],
  }
}
