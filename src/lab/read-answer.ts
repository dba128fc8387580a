import { type Frame, framesOf, type RawFrame } from './captures.js'
import type { Observation, Pass } from './driver.js'
import { legacyPassesOf, type Logged } from './legacy-trace.js'
import type { SpacePlan } from './plan.js'
import { PORTS_OF_LABEL, passesOf } from './read-trace.js'

/** By namespace, as the agent's machine calls it. */
type BySpace<T> = Readonly<Record<string, T>>

/** What the agent tells of a flow. */
export interface RawAnswer {
  readonly outcome: Observation['outcome']
  readonly step?: string
  readonly errno?: string
  readonly seen?: readonly [string, number] | null
  readonly trace: BySpace<string>
  readonly logged: BySpace<readonly Logged[]>
  readonly frames: BySpace<readonly RawFrame[]>
  readonly conntrack: BySpace<readonly string[]>
  readonly ipvs: BySpace<readonly string[]>
  /** Connections of the dump, and what the kernel said of them. */
  readonly refused: readonly (readonly [line: string, why: string])[]
  readonly died: readonly string[]
}

/**
 * The kernel's side of a flow, in the form that sides are compared in.
 * @param spaces names of the snapshot's namespaces on the agent's machine
 * @param isOurs does a port belong to this flow, and not to one before?
 */
export function readAnswer(
  answer: RawAnswer,
  plans: readonly SpacePlan[],
  spaces: ReadonlyMap<string, string>,
  isOurs: (port: number) => boolean,
): Observation {
  const named = new Map([...spaces].map(([name, ns]) => [ns, name]))
  const byName = <T>(answers: BySpace<T>): Record<string, T> =>
    Object.fromEntries(Object.entries(answers).map(([ns, said]) => [named.get(ns)!, said]))
  const ours = (text: string) => (text.match(PORTS_OF_LABEL) ?? []).every(port => isOurs(Number(port)))
  const passes = ({ netns, rules }: SpacePlan): Pass[] => {
    const ns = spaces.get(netns.name)!
    const isNft = rules.some(rule => rule.tool.includes('-nft-'))
    return [
      ...(isNft ? passesOf(netns.name, answer.trace[ns] ?? '') : []),
      ...legacyPassesOf(netns, answer.logged[ns] ?? []),
    ]
  }
  const frames = Object.entries(answer.frames).flatMap(([ns, raw]): Frame[] => framesOf(named.get(ns)!, raw))
  return {
    outcome: answer.outcome,
    because: [answer.step, answer.errno].filter(Boolean).join(' '),
    ...(answer.seen && { seen: answer.seen.join(' ') }),
    ...(answer.died.length === 0 && { passes: plans.flatMap(passes).filter(pass => ours(pass.packet)) }),
    ...(answer.refused.length > 0 && { refused: answer.refused.map(([line, why]) => `${why}: ${line}`) }),
    conntrack: byName(answer.conntrack),
    ipvs: byName(answer.ipvs),
    frames: frames.filter(frame => ours(frame.label)),
    traceText: byName(answer.trace),
  }
}
