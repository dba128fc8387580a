import type { Snapshot } from '../model/snapshot.js'
import type { ResolvedFlow } from '../talk/conversation.js'
import { LabError } from './agent.js'
import type { Driver, Observation } from './driver.js'

/** A flow of an `expected.json`. */
export interface Recorded {
  readonly src: string
  readonly dst: string
  readonly proto: string
  readonly dport: number
  readonly sport: number
  readonly result: { readonly outcome: string; readonly seen?: readonly [string, number] | null }
}

/**
 * What a kernel did once, told again where there is no kernel to ask. Recordings keep outcome and source; the ways
 * through the tables and the connections were recorded with a client that closes at once, so they are not laid
 * beside those of a conversation that is still open.
 */
export class RecordingDriver implements Driver {
  readonly name = 'recording'
  constructor(private readonly flows: readonly Recorded[]) {}

  async load(_snapshot: Snapshot): Promise<readonly string[]> {
    return ['recorded: outcome and source only']
  }
  /** @throws LabError if this flow was not recorded */
  async ask({ asked, proto, dport, sport }: ResolvedFlow): Promise<Observation> {
    const found = this.flows.find(
      f =>
        f.src === asked.src &&
        f.dst === asked.dst &&
        f.proto === proto &&
        f.dport === dport &&
        f.sport === sport,
    )
    if (!found) throw new LabError(`${proto} ${asked.src} > ${asked.dst}:${dport} was not recorded`)
    const { outcome, seen } = found.result
    return {
      outcome: (outcome === 'eperm' ? 'not-permitted' : outcome) as Observation['outcome'],
      because: 'recorded',
      ...(seen && { seen: seen.join(' ') }),
    }
  }
  async close(): Promise<void> {}
}
