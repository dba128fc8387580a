import type { Snapshot } from '../model/snapshot.js'
import type { ResolvedFlow } from '../talk/conversation.js'
import { compare, type Difference, onlyPortsByChance } from './compare.js'
import type { Observation } from './driver.js'
import type { KernelDriver } from './kernel-driver.js'
import { simulated } from './simulator-driver.js'

/** One flow, asked of both sides. */
export interface Trial {
  readonly flow: ResolvedFlow
  readonly simulator: Observation
  readonly kernel: Observation
  /** Empty: they agree. Undefined: nfsim does not know, or chance has a say: there is nothing to compare. */
  readonly differences: readonly Difference[] | undefined
}

export async function tryFlow(
  snapshot: Snapshot,
  kernel: KernelDriver,
  flow: ResolvedFlow,
  patient = false,
): Promise<Trial> {
  const ours = simulated(snapshot, flow)
  const theirs = await kernel.ask(flow, patient)
  const open = ours.outcome === 'unknown' || (ours.chance && !onlyPortsByChance(ours.chance))
  const differences = open ? undefined : compare(flow, ours, theirs)
  return { flow, simulator: ours, kernel: theirs, differences }
}
