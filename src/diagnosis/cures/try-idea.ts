import type { Snapshot } from '../../model/snapshot.js'
import { InputError } from '../../parse/problems.js'
import { type ConverseOptions, converse } from '../../talk/converse.js'
import type { Conversation } from '../../talk/conversation.js'
import { readEdit } from '../../whatif/read-edits.js'
import { type WhatIf, whatIfAll } from '../../whatif/what-if.js'
import type { CureIdea } from '../finding.js'

/** An idea that was tried: the world with it, and how the conversation goes there. */
export interface Tried {
  readonly idea: CureIdea
  readonly experiment: WhatIf
  readonly talk: Conversation
}

/** Carries an idea out in a copy of the world and talks again. Undefined where it can't be carried out. */
export function tryIdea(
  snapshot: Snapshot,
  broken: Conversation,
  idea: CureIdea,
  options: ConverseOptions = {},
): Tried | undefined {
  try {
    const experiment = whatIfAll(
      snapshot,
      idea.steps.map(({ on, command }) => readEdit(command, on)),
    )
    return { idea, experiment, talk: converse(experiment.after, broken.flow, options) }
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}
