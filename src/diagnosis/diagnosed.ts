import type { Snapshot } from '../model/snapshot.js'
import type { Conversation, Finding, Flow } from '../talk/conversation.js'
import type { ConverseOptions } from '../talk/converse.js'
import { trace as talkOnce } from '../talk/trace.js'
import { cureOf, searchCures } from './cures/search.js'
import { tryIdea } from './cures/try-idea.js'
import { diagnose } from './diagnose.js'
import type { Suspicion } from './finding.js'

export interface DiagnosedOptions extends ConverseOptions {
  /** Try the cures that findings offer. Costs some more conversations; only what works is called verified. */
  readonly cures?: boolean
}

/**
 * What happens to one conversation, and why it breaks: `trace` with its findings. The snapshot stays as it is.
 * @throws UnknownName if the flow names something that is not in the snapshot
 */
export const trace = (snapshot: Snapshot, flow: Flow, options: DiagnosedOptions = {}): Conversation =>
  diagnosed(talkOnce(snapshot, flow, options), snapshot, options)

/** A conversation with its findings filled in. */
export function diagnosed(
  talk: Conversation,
  snapshot: Snapshot,
  options: DiagnosedOptions = {},
): Conversation {
  const { cures = true, full: _, ...how } = options
  if (!cures) return { ...talk, findings: diagnose(talk, snapshot) }
  const { causes, cures: found } = searchCures(talk, snapshot, { tries: 12, ...how })
  const [best] = found
  const findings = causes.map((suspicion, i): Finding => {
    const { cures: ideas, ...finding } = suspicion
    if (finding.severity !== 'error') return finding
    // faults behind one another are mended together: one list of commands, tried as a whole
    if (best) return { ...finding, cure: cureOf(best) }
    if (i > 0) return finding
    return withFirst(suspicion, talk, snapshot, how) ?? finding
  })
  return { ...talk, findings }
}

/** An untried (or in vain tried) cure is offered as such, in the commands of the node. */
function withFirst(
  { cures, ...finding }: Suspicion,
  talk: Conversation,
  snapshot: Snapshot,
  how: ConverseOptions,
): Finding | undefined {
  for (const idea of cures) {
    const tried = tryIdea(snapshot, talk, idea, how)
    if (tried) return { ...finding, cure: { ...cureOf(tried), verified: tried.talk.outcome === 'ok' } }
  }
  return undefined
}
