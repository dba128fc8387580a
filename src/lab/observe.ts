import type { Snapshot } from '../model/snapshot.js'
import type { ResolvedFlow } from '../talk/conversation.js'
import { branchesOf } from './branches.js'
import { compare, type Difference } from './compare.js'
import type { Observation } from './driver.js'
import type { KernelDriver } from './kernel-driver.js'
import { observationOf } from './simulator-driver.js'

/** One flow, asked of both sides. */
export interface Trial {
  readonly flow: ResolvedFlow
  /** Of the ways that chance may lead, one that the kernel went, or else the first. */
  readonly simulator: Observation
  readonly kernel: Observation
  /** Empty: they agree. Undefined: nfsim does not know, or chance has too many ways: there is nothing to compare. */
  readonly differences: readonly Difference[] | undefined
}

export async function tryFlow(
  snapshot: Snapshot,
  kernel: KernelDriver,
  flow: ResolvedFlow,
  patient = false,
): Promise<Trial> {
  const { talks, cut } = branchesOf(snapshot, flow)
  const theirs = await kernel.ask(flow, patient)
  const trials = talks.map((talk): Trial => {
    const simulator = observationOf(talk)
    return { flow, simulator, kernel: theirs, differences: compare(flow, simulator, theirs) }
  })
  const first = trials[0]!
  const open = cut || trials.some(t => t.simulator.outcome === 'unknown' || t.simulator.endless)
  if (open) return { ...first, differences: undefined }
  return trials.find(t => t.differences!.length === 0) ?? first
}
