import type { Snapshot } from '../../model/snapshot.js'
import type { ConverseOptions } from '../../talk/converse.js'
import type { Conversation, Finding } from '../../talk/conversation.js'
import { suspect } from '../diagnose.js'
import type { CureIdea, Suspicion } from '../finding.js'
import { type Tried, tryIdea } from './try-idea.js'

export interface SearchOptions extends ConverseOptions {
  /** How many worlds may be tried. */
  readonly tries?: number
  /** How many edits a cure may join: one fault may hide another. */
  readonly depth?: number
}

/** What was found: the causes met on the way, first one first, and all cures that work. */
export interface Search {
  readonly causes: readonly Suspicion[]
  readonly cures: readonly Tried[]
}

/**
 * Tries what the findings suggest. Where an idea helps and another fault shows up behind it, the search goes on
 * from there, so that two faults are two findings and their cure is one list of commands.
 */
export function searchCures(talk: Conversation, snapshot: Snapshot, options: SearchOptions = {}): Search {
  const { tries = 24, depth = 3, ...how } = options
  const budget = { left: tries }
  const found = suspect(talk, snapshot)
  const cause = found.find(f => f.severity === 'error')
  if (!cause) return { causes: found, cures: [] }
  const { cures, behind } = from(talk, cause, { steps: [], title: '' }, depth, budget, snapshot, how)
  // what was seen in another world has its events there
  const later = behind.map(suspicion => ({ ...suspicion, evidence: [] }))
  return { causes: [cause, ...later, ...found.filter(f => f !== cause)], cures }
}

function from(
  talk: Conversation,
  cause: Suspicion,
  before: CureIdea,
  depth: number,
  budget: { left: number },
  origin: Snapshot,
  how: ConverseOptions,
): { cures: Tried[]; behind: Suspicion[] } {
  const cures: Tried[] = []
  const further: { tried: Tried; next: Suspicion }[] = []
  for (const idea of cause.cures) {
    if (budget.left-- <= 0) break
    const joined: CureIdea = {
      title: before.title === '' ? idea.title : `${before.title}, and ${idea.title}`,
      steps: [...before.steps, ...idea.steps],
    }
    const tried = tryIdea(origin, talk, joined, how)
    if (!tried) continue
    if (tried.talk.outcome === 'ok') {
      cures.push(tried)
      continue
    }
    const next = suspect(tried.talk, tried.experiment.after).find(f => f.severity === 'error')
    if (next && !same(next, cause)) further.push({ tried, next })
  }
  if (cures.length > 0 || depth <= 1) return { cures, behind: [] }
  for (const { tried, next } of further) {
    const deeper = from(tried.talk, next, tried.idea, depth - 1, budget, origin, how)
    if (deeper.cures.length > 0) return { cures: deeper.cures, behind: [next, ...deeper.behind] }
  }
  // not mended, but another fault was seen behind the first
  return { cures: [], behind: further.slice(0, 1).map(({ next }) => next) }
}

const same = (a: Suspicion, b: Suspicion): boolean =>
  a.id === b.id && a.where?.detail === b.where?.detail && a.where?.netns === b.where?.netns

/** A cure as a finding shows it. */
export const cureOf = ({ idea, experiment, talk }: Tried): NonNullable<Finding['cure']> => ({
  title: idea.title,
  commands: experiment.commands.apply,
  undo: experiment.commands.undo,
  verified: talk.outcome === 'ok',
})
