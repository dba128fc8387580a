import type { EventOf } from './events.js'
import type { Suspicion } from './finding.js'
import type { Inquiry } from './inquiry.js'
import { inside, tables } from './where.js'

/** What does not break this conversation, and may break the next one. */
export function warnings(inquiry: Inquiry): Suspicion[] {
  return [undecided(inquiry), mixedBackEnds(inquiry), byLuck(inquiry)].filter(found => found !== undefined)
}

/** Rules of both back ends met one packet: two tools rule, and neither shows the other's rules. */
function mixedBackEnds(inquiry: Inquiry): Suspicion | undefined {
  for (const packet of inquiry.talk.packets) {
    const byNetns = new Map<string, EventOf<'rule'>>()
    for (const e of packet.events) {
      if (e.kind !== 'rule') continue
      const before = byNetns.get(e.netns)
      const family = inquiry.netns(e.netns).rulesets.filter(r => r.family === inquiry.family)
      if (before && before.file !== e.file && new Set(family.map(r => r.backend)).size > 1)
        return {
          id: 'mixed-backends',
          severity: 'warning',
          says: `${e.netns} has rules of both iptables back ends (${before.file} and ${e.file}); each tool shows its own only, and the packet meets both`,
          evidence: [before.seq, e.seq],
          see: inside(inquiry.netns(e.netns), `${tables(before)}-save; iptables-legacy-save`),
          cures: [],
        }
      byNetns.set(e.netns, e)
    }
  }
  return undefined
}

/** A translated conversation without masquerade whose answers happen to come back through the translator. */
function byLuck(inquiry: Inquiry): Suspicion | undefined {
  const { destination: nat, masquerade, talk } = inquiry
  if (talk.outcome !== 'ok' || !nat || masquerade || !nat.rule) return undefined
  const nodePort = inquiry.flow.dport >= 30000 && inquiry.flow.dport <= 32767
  if (!nodePort || inquiry.ownerOf(nat.to)?.node === inquiry.netns(nat.netns).node) return undefined
  return {
    id: 'works-by-routing',
    severity: 'warning',
    says: `${nat.netns} sends the NodePort on to ${nat.to} without masquerading; it works only because the answer happens to be routed back through ${nat.netns}`,
    evidence: [nat.seq],
    cures: [],
  }
}

/** The dumps do not tell what decides. */
function undecided({ talk }: Inquiry): Suspicion | undefined {
  if (talk.outcome !== 'unknown') return undefined
  const told = talk.packets.flatMap(p => p.events).findLast(e => e.kind === 'assume' || e.kind === 'dropped')
  return {
    id: 'hangs-on-unknown',
    severity: 'warning',
    says: `no verdict: ${talk.because}`,
    evidence: told ? [told.seq] : [],
    cures: [],
  }
}
