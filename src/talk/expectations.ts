import type { Expectation, Snapshot } from '../model/snapshot.js'
import { withSysctl } from '../snapshot/with-sysctl.js'
import type { Conversation, Flow, FlowProto } from './conversation.js'
import { trace } from './trace.js'

/** An expectation of a scenario, and what came of it. */
export interface Held {
  readonly expectation: Expectation
  readonly holds: boolean
  /** What came out, or why it does not hold: a sentence. */
  readonly says: string
  /** Absent if the question could not be asked. */
  readonly talk?: Conversation
}

/** Asks the question of an expectation and compares outcome, the source that the server saw, and the finding. */
export function holdTo(snapshot: Snapshot, expectation: Expectation): Held {
  const refuse = (says: string): Held => ({ expectation, holds: false, says })
  if (expectation.apply !== undefined) return refuse('`apply` is not understood by this version of nfsim')
  let talk: Conversation
  try {
    const world = (expectation.set ?? []).reduce((before, change) => withSysctl(before, change), snapshot)
    talk = trace(world, flowOf(expectation))
  } catch (error) {
    // a name that is not there belongs to the expectation; anything else is a bug and goes on
    if (error instanceof Error && 'exitCode' in error) return refuse(error.message)
    throw error
  }
  const wrong: string[] = []
  if (talk.outcome !== expectation.outcome)
    wrong.push(`expected ${expectation.outcome}, got ${talk.outcome}: ${talk.because}`)
  const seen = talk.seenByServer?.address
  if (expectation.seen !== undefined && seen !== expectation.seen)
    wrong.push(`expected the server to see ${expectation.seen}, it saw ${seen ?? 'nothing'}`)
  const { finding } = expectation
  if (finding !== undefined && !talk.findings.some(({ id }) => id === finding))
    wrong.push(
      `expected the finding ${finding}, got ${talk.findings.map(({ id }) => id).join(', ') || 'none'}`,
    )
  const says = wrong.length > 0 ? wrong.join('; ') : talk.outcome
  return { expectation, holds: wrong.length === 0, says, talk }
}

function flowOf({ src, dst, proto, dport, sport }: Expectation): Flow {
  return {
    src,
    dst,
    ...(proto !== undefined && { proto: proto as FlowProto }),
    ...(dport !== undefined && { dport }),
    ...(sport !== undefined && { sport }),
  }
}
