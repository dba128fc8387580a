import type { Snapshot } from '../model/snapshot.js'
import type { Flow, ResolvedFlow } from '../talk/conversation.js'
import { type Before, converse } from '../talk/converse.js'
import { resolveFlow } from '../talk/resolve-flow.js'
import { type Branches, branchesOf, lastsFor } from './branches.js'
import { acknowledgedLate } from './captures.js'
import { compare, type Difference } from './compare.js'
import type { Observation } from './driver.js'
import type { KernelDriver } from './kernel-driver.js'
import { observationOf } from './simulator-driver.js'

/** A question, and what is asked before it on the same state: where no source port is given, from the same one. */
export interface Asked extends Flow {
  readonly before?: readonly (Flow & { readonly end: Before['end'] })[]
}

/** What is asked first, resolved: only what comes to an end. @throws UnknownName */
export function beforeOf(snapshot: Snapshot, sport: number, first: Asked['before'] = []): Before[] {
  const before: Before[] = []
  for (const { end, ...other } of first) {
    const flow = resolveFlow(snapshot, { sport, ...other })
    const { outcome } = converse(snapshot, flow, { before })
    // what waits for an answer repeats its question, in the middle of the next conversation
    if (outcome !== 'timeout' && outcome !== 'unknown') before.push({ flow, end })
  }
  return before
}

/** One flow, asked of both sides. */
export interface Trial {
  readonly flow: ResolvedFlow
  readonly before: readonly Before[]
  /** Of the ways that chance may lead, one that the kernel went, or else the nearest to it. */
  readonly simulator: Observation
  readonly kernel: Observation
  /** Empty: they agree. Undefined: nfsim does not know, or chance has too many ways: there is nothing to compare. */
  readonly differences: readonly Difference[] | undefined
}

/** A bare ACK more is one packet more: to rules that count, and where it is the first that is seen. */
const MOST_LATE = 2

/** @throws UnknownName */
export async function tryFlow(
  snapshot: Snapshot,
  kernel: KernelDriver,
  { before: first, ...asked }: Asked,
  patient = false,
): Promise<Trial> {
  const flow = resolveFlow(snapshot, asked)
  const before = beforeOf(snapshot, flow.sport, first)
  const branches = branchesOf(snapshot, flow, before)
  const once = async (): Promise<Trial> => {
    const theirs = await kernel.ask(flow, { before, patient, lasts: lastsFor(branches.talks) })
    return laidSideBySide(snapshot, flow, before, branches, theirs)
  }
  const isLate = ({ simulator, kernel, differences = [] }: Trial): boolean =>
    differences.length > 0 && acknowledgedLate(simulator.frames ?? [], kernel.frames ?? [])
  let trial = await once()
  for (let late = 0; late < MOST_LATE && isLate(trial); late++) trial = await once()
  return trial
}

function laidSideBySide(
  snapshot: Snapshot,
  flow: ResolvedFlow,
  before: readonly Before[],
  { talks, cut }: Branches,
  theirs: Observation,
): Trial {
  const trials = talks.map((talk): Trial => {
    const simulator = observationOf(talk, snapshot)
    return { flow, before, simulator, kernel: theirs, differences: compare(flow, simulator, theirs) }
  })
  const open = cut || trials.some(t => t.simulator.outcome === 'unknown' || t.simulator.endless)
  if (open) return { ...trials[0]!, differences: undefined }
  const agreed = trials.find(t => t.differences!.length === 0)
  if (agreed) return agreed
  // what can't be decided is decided once for all packets, the kernel does so for each
  const doubtful = trials.some(t => t.simulator.chance?.some(at => at.includes("can't be decided")))
  // the way that comes nearest tells most
  const nearest = trials.toSorted((a, b) => a.differences!.length - b.differences!.length)[0]!
  return doubtful || nearest.differences!.some(ofChancePort)
    ? { ...nearest, differences: undefined }
    : nearest
}

/** A rule that looks at a port which each side has drawn by itself may see another one. */
const ofChancePort = ({ aspect, simulator }: Difference): boolean =>
  aspect === 'trace' && /:\?\S* ?.*\n *step /.test(simulator)
