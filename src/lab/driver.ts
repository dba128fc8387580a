import type { Frame } from './captures.js'
import type { Snapshot } from '../model/snapshot.js'
import type { Before } from '../talk/converse.js'
import type { FlowOutcome, ResolvedFlow } from '../talk/conversation.js'

/** A packet's way through the tables of one namespace, from the TRACE rule in raw on. */
export interface Pass {
  readonly netns: string
  /** `10.0.0.1:41000>10.0.0.2:80 SYN`, as it was when it came to the first rule. */
  readonly packet: string
  /** `nat | PREROUTING | rule | ACCEPT | -A PREROUTING …`. */
  readonly steps: readonly string[]
}

/** What one side says of one flow. */
export interface Observation {
  readonly outcome: FlowOutcome | `error: ${string}`
  /** What chance, or something that no dump tells, decided: another time it may be otherwise. */
  readonly chance?: readonly string[]
  /** An exchange without an end: how far it got when it was looked at is a matter of time. */
  readonly endless?: boolean
  /** Why, in the words of the side. */
  readonly because: string
  /** The request's source as the server saw it: `10.0.0.1 41000`; undefined: nobody saw it, or it can't be known. */
  readonly seen?: string
  /** In order of appearance; undefined: this side cannot tell. */
  readonly passes?: readonly Pass[]
  /** `conntrack -L` lines a namespace; undefined: this side cannot tell. */
  readonly conntrack?: Readonly<Record<string, readonly string[]>>
  /** What passed the devices, in order of appearance in each namespace; undefined: this side cannot tell. */
  readonly frames?: readonly Frame[]
  /** `ipvsadm -Lnc` lines a namespace; undefined: this side cannot tell. */
  readonly ipvs?: Readonly<Record<string, readonly string[]>>
  /** The kernel's: connections of the dump that it did not take, and why. */
  readonly refused?: readonly string[]
  /** The kernel's: what `xtables-monitor --trace` printed, a namespace. */
  readonly traceText?: Readonly<Record<string, string>>
}

export interface AskOptions {
  /** Conversations that are had first, on the same state. */
  readonly before?: readonly Before[]
  /** Seconds that the conversation goes on for, also where its client knows the answer earlier. */
  readonly lasts?: number
  /** Waits longer for the tools to tell all, where the machine is busy. */
  readonly patient?: boolean
}

/** Someone who can be asked what becomes of a flow in a world: the simulator, a kernel, or a recording. */
export interface Driver {
  readonly name: 'simulator' | 'kernel' | 'recording'
  /** Makes the world real; what could not be built is told, and the rest is compared. */
  load(snapshot: Snapshot): Promise<readonly string[]>
  ask(flow: ResolvedFlow, more?: AskOptions): Promise<Observation>
  /** Everything that was made is gone afterwards. */
  close(): Promise<void>
}
