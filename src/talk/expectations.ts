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

/** What the talk itself cannot do: say why, and change the world by a file of commands. */
export interface Tools {
  /** `trace`, with its findings. */
  readonly ask?: (snapshot: Snapshot, flow: Flow) => Conversation
  /** The world with the commands of a file. @throws an error with an exit code if they can't be carried out */
  readonly apply?: (snapshot: Snapshot, file: string) => Snapshot
}

/** Asks the question of an expectation and compares outcome, the source that the server saw, and the finding. */
export function holdTo(snapshot: Snapshot, expectation: Expectation, tools: Tools = {}): Held {
  const { ask = trace, apply } = tools
  const refuse = (says: string): Held => ({ expectation, holds: false, says })
  if (expectation.apply !== undefined && !apply) return refuse('`apply` needs the files beside snapshot.yaml')
  let talk: Conversation
  try {
    const set = (expectation.set ?? []).reduce((before, change) => withSysctl(before, change), snapshot)
    const world = (expectation.apply ?? []).reduce((before, file) => apply!(before, file), set)
    talk = ask(world, flowOf(expectation))
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
