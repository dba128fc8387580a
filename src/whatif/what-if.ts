import { applyPatches, enablePatches, type Patch, produceWithPatches } from 'immer'
import type { Snapshot } from '../model/snapshot.js'
import type { Change, Edit, Plan } from './edit.js'

enablePatches()

/** An experiment: the world before and after an edit, the difference, and the way back. */
export interface WhatIf {
  readonly title: string
  readonly before: Snapshot
  readonly after: Snapshot
  readonly patches: readonly Patch[]
  readonly undo: readonly Patch[]
  /** What to type on the node for it, and for taking it back. */
  readonly commands: { readonly apply: readonly string[]; readonly undo: readonly string[] }
}

/**
 * The door through which a snapshot changes: what the edit does not touch stays the same object, so an edit
 * recompiles only the tables that it touched. @throws InputError if the edit does not fit the snapshot
 */
export function whatIf(before: Snapshot, edit: Edit): WhatIf {
  const plan = edit.plan(before)
  const [after, patches, undo] = produceWithPatches(before, draft => {
    for (const change of plan.changes) put(draft, change)
  })
  return { title: edit.title, before, after, patches, undo, commands: said(plan) }
}

const said = ({ commands, undo }: Plan) => ({ apply: commands, undo })

/** Several edits, one after the other, as one experiment; each is planned on what the one before it left. */
export function whatIfAll(before: Snapshot, edits: readonly Edit[]): WhatIf {
  const steps: WhatIf[] = []
  for (const edit of edits) steps.push(whatIf(steps.at(-1)?.after ?? before, edit))
  return joined(before, steps)
}

/** Experiments that follow one another, as one. */
export const joined = (before: Snapshot, steps: readonly WhatIf[]): WhatIf => ({
  title: steps.map(step => step.title).join('; '),
  before,
  after: steps.at(-1)?.after ?? before,
  patches: steps.flatMap(step => step.patches),
  undo: steps.toReversed().flatMap(step => step.undo),
  commands: {
    apply: steps.flatMap(step => step.commands.apply),
    undo: steps.toReversed().flatMap(step => step.commands.undo),
  },
})

/** The world as it was: the patches of the way back, applied. */
export const undone = (experiment: WhatIf): Snapshot =>
  applyPatches(experiment.after, experiment.undo as Patch[])

function put(draft: unknown, { path, value }: Change): void {
  let at = draft as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>
  const last = path.at(-1)!
  if (value === undefined) delete at[last]
  // lists come whole and shallowly frozen, so that immer does not walk through thousands of old rules
  else at[last] = Array.isArray(value) ? Object.freeze(value) : value
}
