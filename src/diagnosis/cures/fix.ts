import type { Snapshot } from '../../model/snapshot.js'
import type { Conversation, Finding, Flow, FlowOutcome } from '../../talk/conversation.js'
import { converse } from '../../talk/converse.js'
import { resolveFlow } from '../../talk/resolve-flow.js'
import { cureOf, type SearchOptions, searchCures } from './search.js'
import { likelyFlows } from './flows.js'
import { suspect } from '../diagnose.js'
import { type Tried, tryIdea } from './try-idea.js'

/** What else a cure changes, among the conversations that the snapshot suggests. */
export interface BlastRadius {
  readonly asked: number
  readonly better: readonly string[]
  readonly worse: readonly string[]
}

/** A cure that was tried and works, with what it costs. */
export interface Cure {
  readonly title: string
  readonly commands: readonly string[]
  readonly undo: readonly string[]
  readonly verified: boolean
  readonly steps: number
  readonly blast: BlastRadius
}

/** Every cure that works, the smallest and least far-reaching first. A working conversation needs none. */
export function fix(talk: Conversation, snapshot: Snapshot, options: SearchOptions = {}): Cure[] {
  if (talk.outcome === 'ok') return []
  const { cures } = searchCures(talk, snapshot, { tries: 48, ...options })
  const flows = likelyFlows(snapshot).filter(flow => !isAsked(flow, talk))
  const before = flows.map(flow => outcomeOf(snapshot, flow))
  const judged = cures.map(tried => ({ tried, blast: blastOf(tried, flows, before) }))
  const mended = judged.flatMap(one => withoutHarm(talk, snapshot, one.tried, flows, before) ?? [])
  return [...judged, ...mended]
    .sort((a, b) => cost(a) - cost(b))
    .map(({ tried, blast }) => ({ ...cureOf(tried), steps: tried.idea.steps.length, blast }))
}

export type { Finding }

/** So many conversations that a cure breaks are mended along with it. */
const MENDED = 6

/** A cure that breaks other conversations, joined with what mends these: hairpin mode behind a bridge that now sees its packets. */
function withoutHarm(
  talk: Conversation,
  snapshot: Snapshot,
  tried: Tried,
  flows: readonly Flow[],
  before: readonly (FlowOutcome | undefined)[],
): { tried: Tried; blast: BlastRadius } | undefined {
  let best = tried
  for (let round = 0; round < MENDED; round++) {
    const broken = flows.find(
      (flow, i) => before[i] === 'ok' && outcomeOf(best.experiment.after, flow) !== 'ok',
    )
    if (!broken) break
    const world = best.experiment.after
    const other = converse(world, resolveFlow(world, broken))
    const [idea] = suspect(other, world)[0]?.cures ?? []
    const joined =
      idea &&
      tryIdea(snapshot, talk, {
        title: `${best.idea.title}, and ${idea.title}`,
        steps: [...best.idea.steps, ...idea.steps],
      })
    if (joined?.talk.outcome !== 'ok') return undefined
    best = joined
  }
  if (best === tried) return undefined
  const blast = blastOf(best, flows, before)
  return blast.worse.length === 0 ? { tried: best, blast } : undefined
}

const isAsked = (flow: Flow, talk: Conversation): boolean =>
  flow.src === talk.flow.netns && flow.dst === talk.flow.dst && flow.dport === talk.flow.dport

const outcomeOf = (snapshot: Snapshot, flow: Flow): FlowOutcome | undefined => {
  try {
    return converse(snapshot, resolveFlow(snapshot, flow)).outcome
  } catch (error) {
    // a name that can't be asked of this snapshot says nothing
    if (error instanceof Error && 'exitCode' in error) return undefined
    throw error
  }
}

function blastOf(
  { experiment }: Tried,
  flows: readonly Flow[],
  before: readonly (FlowOutcome | undefined)[],
): BlastRadius {
  const better: string[] = []
  const worse: string[] = []
  flows.forEach((flow, i) => {
    const now = outcomeOf(experiment.after, flow)
    if (now === before[i]) return
    const name = `${flow.src} to ${flow.dst}:${flow.dport}/${flow.proto}: ${before[i]} becomes ${now}`
    if (now === 'ok') better.push(name)
    else if (before[i] === 'ok') worse.push(name)
  })
  return { asked: flows.length, better, worse }
}

/** What a firewall lets through besides is opened needlessly; what another cure mends besides is a gain. */
function cost({ tried, blast }: { tried: Tried; blast: BlastRadius }): number {
  const firewall = tried.idea.steps.some(s => /tables\S* -t (filter|mangle|raw) /.test(s.command))
  const weakens = tried.idea.steps.some(s => /rp_filter=0|-P \w+ ACCEPT/.test(s.command)) ? 5 : 0
  return (
    blast.worse.length * 1000 + (firewall ? blast.better.length * 10 : 0) + tried.idea.steps.length + weakens
  )
}
