import { conntrackLine } from '../conntrack/print-entry.js'
import { connectionLine } from '../ipvs/connection.js'
import type { Snapshot } from '../model/snapshot.js'
import { walk } from '../path/walk.js'
import { scripted } from '../run/chooser.js'
import { RunState } from '../run/run-state.js'
import { World } from '../world/world.js'
import { Client } from './client.js'
import type { Result } from './result.js'
import type { Sends } from './sends.js'
import type { PacketTrace } from '../trace/events.js'
import type { Conversation, Earlier, ResolvedFlow } from './conversation.js'
import { Servers } from './server.js'

export interface ConverseOptions {
  /** Answers to choices, in order or by name; the first option where nothing is said. @see scripted */
  readonly choose?: readonly number[] | Readonly<Record<string, number>>
  /** How often an unanswered SYN is repeated. Default: what the snapshot says, else 0. */
  readonly retries?: number
  /** What is told of the client's socket and packets. */
  readonly sends?: Sends
  /**
   * It is had in the lab: every byte that its servers say is known (-m string), elsewhere the length alone; and all its
   * machines are one, so that answers come back within the call that asked.
   */
  readonly inLab?: boolean
  /** What time it is, in seconds since 1970 (UTC), for those who ask (-m time). */
  readonly epoch?: number
  /** How often the same conversation is had, on the state that the one before left behind. Default: once. The answer is the last one's. */
  readonly repeat?: number
  /** Seconds between two of them. Default: 0. */
  readonly wait?: number
  /** Other conversations that are had first, on the state that this one then finds. */
  readonly before?: readonly Before[]
  /** Note rules that were tried in vain, too. */
  readonly full?: boolean
}

/** A conversation that was had first: its sockets stay open, or its program has aborted it. */
export interface Before {
  readonly flow: ResolvedFlow
  readonly end: 'open' | 'aborted'
}

/** Packets that one conversation may make before it is called a storm. */
const MAX_TASKS = 5000

/**
 * One conversation in virtual time, both directions, from a fresh state: a client connects, whoever the packets
 * reach answers or refuses, until nothing more happens. Pure: the snapshot is not changed, and the same snapshot,
 * flow and choices give the same answer. @throws BadChoice
 */
export function converse(
  snapshot: Snapshot,
  flow: ResolvedFlow,
  options: ConverseOptions = {},
): Conversation {
  const first = runOnce(snapshot, flow, options)
  // one rule may be in doubt for every packet; it is one question all the same
  const doubts = [...new Map(first.doubts.filter(d => d.taken === 0).map(d => [d.at, d])).values()]
  if (doubts.length === 0 || first.conversation.outcome === 'unknown') return first.conversation
  // something could not be decided: does the answer hang on it? Every doubt is turned once.
  for (const doubt of doubts.slice(0, MAX_DOUBTS)) {
    const turned = runOnce(snapshot, flow, {
      ...options,
      choose: { ...asRecord(options.choose, first.conversation), [doubt.at]: 1 },
    })
    if (turned.conversation.outcome !== first.conversation.outcome)
      return {
        ...first.conversation,
        outcome: 'unknown',
        because: `the answer hangs on something unknown: ${doubt.at}; if ${doubt.names[0]}: ${first.conversation.outcome}, if ${doubt.names[1]}: ${turned.conversation.outcome}`,
      }
  }
  const untried = doubts.length - MAX_DOUBTS
  if (untried <= 0) return first.conversation
  const more = `${untried} more rules that can't be decided were supposed not to match, without trying the contrary`
  return { ...first.conversation, assumptions: [...first.conversation.assumptions, more] }
}

/** Doubts that are turned one by one. */
const MAX_DOUBTS = 64

const asRecord = (choose: ConverseOptions['choose'], made: Conversation): Record<string, number> =>
  choose === undefined
    ? {}
    : Array.isArray(choose)
      ? Object.fromEntries(made.choices.map(c => [c.at, c.taken]))
      : { ...(choose as Record<string, number>) }

function runOnce(snapshot: Snapshot, flow: ResolvedFlow, options: ConverseOptions) {
  const chooser = scripted(options.choose)
  const run = new RunState(World.of(snapshot), chooser, options.full ?? false)
  run.epoch = options.epoch
  run.inLab = options.inLab ?? false
  run.walker = birth => walk(run, birth)
  const servers = new Servers(run)
  const retries = options.retries ?? snapshot.retries
  const earlier: Earlier[] = []
  for (const { flow: first, end } of options.before ?? []) {
    const started = Client.start(run, first, retries)
    run.runAll(MAX_TASKS)
    if (end === 'aborted' && started instanceof Client) started.abort()
    run.runAll(MAX_TASKS)
  }
  servers.seen = undefined
  let from = { packet: run.trail.packets.length, capture: run.captures.length }
  let result: Result
  for (let round = 1; ; round++) {
    const started = Client.start(run, flow, retries, options.sends)
    const calm = run.runAll(MAX_TASKS)
    result = resultOf(run, started, calm, flow, from.packet)
    if (round >= (options.repeat ?? 1) || !calm) break
    if (started instanceof Client) started.close()
    run.runAll(MAX_TASKS)
    earlier.push({ at: run.now, outcome: result.outcome, because: result.because })
    for (const [, state] of run.touched()) state.sockets.clear()
    run.now += options.wait ?? 0
    servers.seen = undefined
    from = { packet: run.trail.packets.length, capture: run.captures.length }
  }
  const conntrack: Record<string, readonly string[]> = {}
  const ipvs: Record<string, readonly string[]> = {}
  for (const [name, state] of run.touched()) {
    const lines = state.conntrack.list(run.now).map(e => conntrackLine(e, run.now))
    if (lines.length > 0) conntrack[name] = lines
    const connections = state.ipvs.connections.list(run.now).map(c => connectionLine(c, run.now))
    if (connections.length > 0) ipvs[name] = connections
  }
  const conversation: Conversation = {
    flow,
    outcome: result.outcome,
    because: result.because,
    seenByServer: servers.seen ?? null,
    packets: run.trail
      .finished()
      .slice(from.packet)
      .map(packet => renumbered(packet, from.packet)),
    conntrack,
    ipvs,
    captures: run.captures.slice(from.capture).map(c => ({ ...c, packet: c.packet - from.packet })),
    findings: [],
    assumptions: [
      ...snapshot.assumptions,
      ...run.assumptions,
      ...leftOver(options.choose, chooser.made.length),
    ],
    choices: chooser.made.map(({ at, options: n, taken }) => ({ at, options: n, taken })),
    ...(earlier.length > 0 ? { earlier } : {}),
  }
  return { conversation, doubts: chooser.made.filter(c => c.inDoubt) }
}

/** Answers that no question asked for: a slip worth telling. */
function leftOver(choose: ConverseOptions['choose'], made: number): string[] {
  const given = Array.isArray(choose) ? choose.length : 0
  return given > made ? [`${given} answers to choices were given, but there were only ${made} choices`] : []
}

/** A packet of a later round, numbered from that round's first. */
const renumbered = (packet: PacketTrace, from: number): PacketTrace =>
  from === 0
    ? packet
    : {
        ...packet,
        index: packet.index - from,
        ...(packet.carries === undefined ? {} : { carries: packet.carries - from }),
        ...(packet.resolves === undefined ? {} : { resolves: packet.resolves - from }),
      }

function resultOf(
  run: RunState,
  started: Client | Result,
  calm: boolean,
  flow: ResolvedFlow,
  from: number,
): Result {
  const known = started instanceof Client ? started.result : started
  if (known) return known
  if (run.unknown !== undefined) return { outcome: 'unknown', because: run.unknown }
  if (!calm) return { outcome: 'unknown', because: `more than ${MAX_TASKS} packets: a storm` }
  const soft = started instanceof Client ? started.soft : undefined
  return { outcome: 'timeout', because: soft ?? lastWord(run.trail.packets.slice(from), flow) }
}

/** Why nothing came back: where the first packet of the conversation proper ended that should have gone on. */
function lastWord(packets: readonly PacketTrace[], flow: ResolvedFlow): string {
  for (const packet of packets) {
    // errors about a packet are not the conversation itself
    if (packet.carries !== undefined || packet.direction === 'related') continue
    const end = packet.events.findLast(e => e.kind === 'dropped' || e.kind === 'delivered')
    if (end?.kind !== 'dropped' || end.reason === 'X_IGNORED') continue
    if (packet.direction === 'reply' && end.reason === 'NO_SOCKET' && end.netns === flow.netns) {
      const peer = flow.dst.includes(':') ? `[${flow.dst}]` : flow.dst
      const from = flow.proto === 'icmp' ? flow.dst : `${peer}:${flow.dport}`
      return `${flow.netns} waits for an answer from ${from}, and what came was ${packet.summary}`
    }
    return `no answer came back: in ${end.netns}, ${end.because}`
  }
  return 'no answer came back'
}
