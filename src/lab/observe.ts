import type { Snapshot } from '../model/snapshot.js'
import type { Flow, ResolvedFlow } from '../talk/conversation.js'
import { type Before, converse } from '../talk/converse.js'
import { resolveFlow } from '../talk/resolve-flow.js'
import { branchesOf, lastsFor } from './branches.js'
import { compare, type Difference } from './compare.js'
import type { Observation } from './driver.js'
import type { KernelDriver } from './kernel-driver.js'
import { observationOf } from './simulator-driver.js'

/** A question, and what is asked before it on the same state: where no source port is given, from the same one. */
export interface Asked extends Flow {
  readonly before?: readonly (Flow & { readonly end: Before['end'] })[]
}

/** One flow, asked of both sides. */
export interface Trial {
  readonly flow: ResolvedFlow
  readonly before: readonly Before[]
  /** Of the ways that chance may lead, one that the kernel went, or else the first. */
  readonly simulator: Observation
  readonly kernel: Observation
  /** Empty: they agree. Undefined: nfsim does not know, or chance has too many ways: there is nothing to compare. */
  readonly differences: readonly Difference[] | undefined
}

/** @throws UnknownName */
export async function tryFlow(
  snapshot: Snapshot,
  kernel: KernelDriver,
  { before: first = [], ...asked }: Asked,
  patient = false,
): Promise<Trial> {
  const flow = resolveFlow(snapshot, asked)
  const before: Before[] = []
  for (const { end, ...other } of first) {
    const earlier = resolveFlow(snapshot, { sport: flow.sport, ...other })
    const { outcome } = converse(snapshot, earlier, { before })
    // what waits for an answer repeats its question, in the middle of the next conversation
    if (outcome !== 'timeout' && outcome !== 'unknown') before.push({ flow: earlier, end })
  }
  const { talks, cut } = branchesOf(snapshot, flow, before)
  const theirs = await kernel.ask(flow, { before, patient, lasts: lastsFor(talks) })
  const trials = talks.map((talk): Trial => {
    const simulator = observationOf(talk, snapshot)
    return { flow, before, simulator, kernel: theirs, differences: compare(flow, simulator, theirs) }
  })
  const open = cut || trials.some(t => t.simulator.outcome === 'unknown' || t.simulator.endless)
  if (open) return { ...trials[0]!, differences: undefined }
  return trials.find(t => t.differences!.length === 0) ?? trials[0]!
}
