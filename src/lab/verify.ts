import type { Netns, Snapshot } from '../model/snapshot.js'
import { namespacesOf } from '../snapshot/names.js'
import type { Flow, ResolvedFlow } from '../talk/conversation.js'
import { resolveFlow } from '../talk/resolve-flow.js'
import type { Agent } from './agent.js'
import { branchesOf, lastsFor, MOST_BRANCHES } from './branches.js'
import { compare, type Difference } from './compare.js'
import type { AskOptions, Observation } from './driver.js'
import { type Asked, beforeOf } from './observe.js'
import { KernelDriver } from './kernel-driver.js'
import { PORTS_OF_LABEL } from './read-trace.js'
import { leftOut } from './known-connections.js'
import { legacyFiles } from './legacy-trace.js'
import { observationOf } from './simulator-driver.js'
import type { Transport } from './transport.js'
import { withAgent } from './with-agent.js'
import { withTrace } from './with-trace.js'

/** One question, in the world that it is asked of. */
export interface Question {
  readonly title: string
  readonly flow: Asked
  readonly snapshot: Snapshot
}

export interface Verified {
  readonly title: string
  /** agree · differ, and twice so · left-out: it cannot be compared here, `says` tells why. */
  readonly result: 'agree' | 'differ' | 'left-out'
  readonly says: string
  readonly differences: readonly Difference[]
  /** What was laid side by side: packets' ways through tables, frames at devices, and connections. */
  readonly passes: number
  readonly frames: number
  readonly connections: number
}

/** What was compared with which kernel, and what came of it. */
export interface Certificate {
  readonly title: string
  readonly kernel: string
  readonly iptables: string
  /** What could not be built as it is. */
  readonly notes: readonly string[]
  readonly flows: readonly Verified[]
}

/** Where a question names no source port, each gets one of its own: what comes late is known by it. */
const FIRST_PORT = 41000

/** Asks every question of both sides. @throws LabError if a tool fails; everything made is gone afterwards */
export const verify = (
  title: string,
  questions: readonly Question[],
  transport?: Transport,
): Promise<Certificate> => withAgent(agent => verifyWith(agent, title, questions), transport)

async function verifyWith(agent: Agent, title: string, questions: readonly Question[]): Promise<Certificate> {
  const notes = new Set<string>()
  const flows: Verified[] = []
  const { release, iptables } = agent.machine
  const kernel = new KernelDriver(agent)
  let built: Snapshot | undefined
  for (const [at, question] of questions.entries()) {
    // facts that differ between versions are to be those of the kernel that is asked
    for (const note of leftOut(question.snapshot)) notes.add(note)
    const traced = withTrace(question.snapshot, await canTraceLegacy(agent, question.snapshot))
    const snapshot = { ...traced, kernel: agent.kernel }
    if (question.snapshot.kernel !== snapshot.kernel)
      notes.add(
        `the world is of Linux ${question.snapshot.kernel}; both sides are asked as Linux ${snapshot.kernel}`,
      )
    // errors that a peer was sent count against the next ones, so a flow that made some leaves a stale world
    const flow = { ...question.flow, sport: question.flow.sport ?? FIRST_PORT + at }
    flows.push(
      await settled(patient => {
        if (patient) built = undefined
        return verifyOne(agent, { ...question, flow }, snapshot, async (flow, more) => {
          if (built !== question.snapshot) for (const note of await kernel.load(snapshot)) notes.add(note)
          built = question.snapshot
          const seen = await kernel.ask(flow, { ...more, patient })
          if (seen.outcome !== 'ok' || seen.passes?.some(pass => !pass.packet.match(PORTS_OF_LABEL)))
            built = undefined
          return seen
        })
      }),
    )
  }
  return { title, kernel: `Linux ${release}`, iptables, notes: [...notes], flows }
}

/**
 * What differs is asked a second time, with more patience: on a busy machine answers come late, and traces of packets
 * that look alike get mixed up. Only what differs twice differs.
 */
export async function settled(once: (patient: boolean) => Promise<Verified>): Promise<Verified> {
  const first = await once(false)
  if (first.result !== 'differ') return first
  const second = await once(true)
  return second.result === 'agree' ? { ...second, says: `${second.says}, when asked again` } : second
}

const canTraceLegacy = async (agent: Agent, snapshot: Snapshot): Promise<boolean> =>
  legacyFiles(snapshot).size > 0 && agent.can('legacy-trace')

async function verifyOne(
  agent: Agent,
  { title, flow: { before: first, ...asked }, snapshot: asIs }: Question,
  snapshot: Snapshot,
  ask: (flow: ResolvedFlow, more: AskOptions) => Promise<Observation>,
): Promise<Verified> {
  const flow = resolveFlow(snapshot, asked)
  const before = beforeOf(snapshot, flow.sport, first)
  const { talks, cut } = branchesOf(snapshot, flow, before)
  const leave = (says: string): Verified => ({
    ...{ title, result: 'left-out', says, differences: [], passes: 0, frames: 0, connections: 0 },
  })
  const full = namespacesOf(asIs).find(isNearlyFull)
  if (full)
    return leave(
      `the conntrack table of ${full.name} is full in the dump; how many fit counts for the whole machine, and stays as it is here`,
    )
  const meetsIpvs = talks.some(talk => talk.packets.some(p => p.events.some(e => e.kind === 'ipvs')))
  if (meetsIpvs && !(await agent.can('ipvs')))
    return leave('it meets IPVS, which network namespaces do not have here')
  const unknown = talks.find(talk => talk.outcome === 'unknown')
  if (unknown) return leave(`nfsim does not know: ${unknown.because}`)
  if (flow.proto === 'sctp' && !(await agent.can('sctp'))) return leave('this kernel has no SCTP')
  if (cut) return leave(`chance has more than ${MOST_BRANCHES} ways`)
  const seen = await ask(flow, { before, lasts: lastsFor(talks) })
  if (seen.refused) return leave(`the kernel does not take a connection of the dump: ${seen.refused[0]}`)
  const counted = {
    passes: seen.passes?.length ?? 0,
    frames: seen.frames?.length ?? 0,
    connections: Object.values(seen.conntrack ?? {}).flat().length,
  }
  let differences: readonly Difference[] = []
  // where chance has a say, the kernel must have gone one of the ways
  for (const talk of talks) {
    differences = compare(flow, observationOf(talk, snapshot), seen)
    if (differences.length === 0)
      return { title, result: 'agree', says: talk.outcome, differences, ...counted }
  }
  return { title, result: 'differ', says: `kernel: ${seen.outcome}`, differences, ...counted }
}

/** Does it matter how many connections fit? nf_conntrack_max cannot be set for a namespace. */
const isNearlyFull = ({ sysctl, conntrack }: Netns): boolean =>
  conntrack.length > 0 && Number(sysctl['net.netfilter.nf_conntrack_max'] ?? Infinity) <= conntrack.length + 8

/** The questions that a world expects an answer to, or, where it expects none, one from everybody to everybody's listeners. */
export function questionsOf(
  snapshot: Snapshot,
  worldOf: (set: readonly string[], apply: readonly string[]) => Snapshot,
): Question[] {
  if (snapshot.expectations.length === 0) return defaultQuestions(snapshot)
  const worlds = new Map<string, Snapshot>([['[[],[]]', snapshot]])
  return snapshot.expectations.map(({ title, src, dst, proto, dport, sport, set = [], apply = [] }) => {
    const key = JSON.stringify([set, apply])
    const world = worlds.get(key) ?? worldOf(set, apply)
    worlds.set(key, world)
    const flow = {
      ...{ src, dst },
      ...(proto !== undefined && { proto: proto as NonNullable<Flow['proto']> }),
      ...(dport !== undefined && { dport }),
      ...(sport !== undefined && { sport }),
    }
    return { title, flow, snapshot: world }
  })
}

const MOST_QUESTIONS = 60

function defaultQuestions(snapshot: Snapshot): Question[] {
  const spaces = namespacesOf(snapshot)
  const questions: Question[] = []
  for (const from of spaces)
    for (const to of spaces)
      for (const { proto, port, address } of to.listeners) {
        if (questions.length >= MOST_QUESTIONS) continue
        const flow: Flow = {
          src: from.name,
          dst: address ?? to.name,
          ...{ proto, dport: port, sport: 41000 + questions.length },
        }
        questions.push({ title: `${from.name} > ${flow.dst} ${proto}/${port}`, flow, snapshot })
      }
  return questions
}
