import type { Snapshot } from '../model/snapshot.js'
import type { Conversation, ResolvedFlow } from '../talk/conversation.js'
import { converse } from '../talk/converse.js'
import { conntrackLine } from '../conntrack/print-entry.js'
import { ConntrackTable } from '../conntrack/table.js'
import { namespacesOf } from '../snapshot/names.js'
import { Space } from '../world/space.js'
import { simulatedFrames } from './captures.js'
import type { Driver, Observation } from './driver.js'
import { legacyFiles } from './legacy-trace.js'
import { simulatedPasses } from './read-trace.js'

/** nfsim itself. */
export class SimulatorDriver implements Driver {
  readonly name = 'simulator'
  private snapshot: Snapshot | undefined

  async load(snapshot: Snapshot): Promise<readonly string[]> {
    this.snapshot = snapshot
    return []
  }
  async ask(flow: ResolvedFlow): Promise<Observation> {
    if (!this.snapshot) throw new Error('no world is loaded')
    return simulated(this.snapshot, flow)
  }
  async close(): Promise<void> {}
}

export const simulated = (snapshot: Snapshot, flow: ResolvedFlow): Observation =>
  observationOf(converse(snapshot, flow), snapshot)

/** Servers that answer each other for ever: how far they got is a matter of time. */
const MOST_PACKETS = 40

/** What the simulator says, in the form that sides are compared in. */
export function observationOf(talk: Conversation, snapshot: Snapshot): Observation {
  const { seenByServer: seen, flow } = talk
  const chance = talk.choices.map(choice => choice.at)
  return {
    outcome: talk.outcome,
    ...(talk.packets.length > MOST_PACKETS && { endless: true }),
    ...(chance.length > 0 && { chance }),
    because: talk.because,
    ...(seen && flow.proto !== 'icmp' && { seen: `${seen.address} ${seen.port}` }),
    passes: simulatedPasses(talk.packets, legacyFiles(snapshot)),
    frames: simulatedFrames(talk.captures),
    conntrack: { ...untouched(talk, snapshot), ...talk.conntrack },
    ipvs: talk.ipvs,
  }
}

/** Connections of the dump, where no packet came by. */
function untouched({ packets }: Conversation, snapshot: Snapshot): Record<string, readonly string[]> {
  const seen = new Set(packets.flatMap(p => p.events.map(e => e.netns)))
  const left = namespacesOf(snapshot).filter(n => n.conntrack.length > 0 && !seen.has(n.name))
  return Object.fromEntries(
    left.map(n => [n.name, new ConntrackTable(Space.of(n)).list(0).map(entry => conntrackLine(entry, 0))]),
  )
}
