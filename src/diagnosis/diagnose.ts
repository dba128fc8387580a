import type { Snapshot } from '../model/snapshot.js'
import type { Conversation, Finding } from '../talk/conversation.js'
import { warnings } from './warnings.js'
import type { Suspicion } from './finding.js'
import { Inquiry } from './inquiry.js'
import { CAUSES } from './rules/index.js'

/**
 * Why a conversation broke, the cause first; what worked by luck only, as warnings. A broken conversation has at
 * least one finding of severity error, one that works has none. Cures are offered untried.
 */
export const diagnose = (talk: Conversation, snapshot: Snapshot): Finding[] =>
  suspect(talk, snapshot).map(({ cures, ...finding }) => {
    const [first] = cures
    return first
      ? {
          ...finding,
          cure: { title: first.title, commands: first.steps.map(s => s.command), undo: [], verified: false },
        }
      : finding
  })

/** The same, with all that may be tried. */
export function suspect(talk: Conversation, snapshot: Snapshot): Suspicion[] {
  const inquiry = new Inquiry(talk, snapshot)
  const broken = talk.outcome !== 'ok' && talk.outcome !== 'unknown'
  return [...(broken ? [cause(inquiry)] : []), ...warnings(inquiry)]
}

function cause(inquiry: Inquiry): Suspicion {
  for (const rule of CAUSES) {
    const found = rule.look(inquiry)
    if (found) return { ...found, evidence: [...new Set(found.evidence)].sort((a, b) => a - b) }
  }
  return unexplained(inquiry)
}

/** The last resort: where it ended, in the trace's own words. */
function unexplained({ stop, talk }: Inquiry): Suspicion {
  const last = stop?.event ?? talk.packets.at(-1)?.events.at(-1)
  return {
    id: 'unexplained',
    severity: 'error',
    says: `no known cause fits; it ends so: ${talk.because}`,
    evidence: last ? [last.seq] : [],
    cures: [],
  }
}
