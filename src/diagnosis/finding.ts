import type { Finding, Where } from '../talk/conversation.js'
import type { Inquiry } from './inquiry.js'

/** A step of a cure: a command, and the namespace that it is for. */
export interface CureStep {
  readonly on: string
  readonly command: string
}

/** Something to try. */
export interface CureIdea {
  readonly title: string
  readonly steps: readonly CureStep[]
}

/** A finding with what may mend it, best first. */
export interface Suspicion extends Omit<Finding, 'cure'> {
  readonly where?: Where
  readonly cures: readonly CureIdea[]
}

/** One question asked of a conversation. A rule reads the trace and the snapshot, never the engine. */
export interface DiagnosisRule {
  readonly id: string
  readonly asks: string
  look(inquiry: Inquiry): Suspicion | undefined
}

export const cure = (
  title: string,
  ...steps: readonly (readonly [on: string, command: string])[]
): CureIdea => ({
  title,
  steps: steps.map(([on, command]) => ({ on, command })),
})
