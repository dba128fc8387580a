import { IcmpRate } from './icmp-rate.js'
import { IpvsState } from '../ipvs/state.js'
import { cached } from '../values/cached.js'
import { ConntrackTable } from '../conntrack/table.js'
import type { Memory } from '../xtables/extension.js'
import type { Mac } from '../values/mac.js'
import { type OpenTrace, Trail } from '../trace/trail.js'
import type { World } from '../world/world.js'
import type { Chooser } from './chooser.js'
import type { Space } from '../world/space.js'
import type { Capture } from '../talk/conversation.js'
import { NeighbourCache } from './neighbours.js'
import { SocketTable } from './sockets.js'
import type { Listener } from '../model/snapshot.js'
import type { Errno } from '../routing/fib.js'
import type { Skb } from '../skb/skb.js'
import type { Here } from './here.js'
import type { PacketDirection } from '../trace/events.js'

/** What a namespace remembers while packets fly. */
export class NetnsState {
  readonly conntrack: ConntrackTable
  readonly memory: Memory
  readonly sockets: SocketTable
  readonly icmpRate: IcmpRate
  readonly ipvs: IpvsState
  readonly neighbours = new NeighbourCache()
  /** Bridge → MAC → port, learned in this run. */
  readonly learned = new Map<string, Map<Mac, string>>()
  private readonly kept = new Map<object | string, object>()

  constructor(readonly space: Space) {
    this.conntrack = new ConntrackTable(space)
    this.sockets = new SocketTable(space)
    this.icmpRate = new IcmpRate(space)
    this.ipvs = new IpvsState(space.netns, space.number('net.ipv4.vs.conntrack') !== 0)
    this.memory = {
      get: <T extends object>(key: object | string, fresh: () => T): T => cached(this.kept, key, fresh) as T,
    }
  }
}

/** A packet that is about to be born, or a tunnelled one that goes on after its wrapping is gone. */
export interface Birth {
  readonly netns: string
  readonly room: 'local-out' | 'bridge-out' | 'device-in'
  /** bridge-out: the bridge; device-in: the device that it comes in by. */
  readonly dev?: string
  readonly skb: Skb
  readonly because: string
  /** The packet that made it necessary. */
  readonly cause?: OpenTrace
  readonly direction?: PacketDirection
  /** An existing trace to go on with. */
  readonly trace?: OpenTrace
  /** Seconds until then. */
  readonly delay?: number
  /** It does not wait for its cause to end, as far as its first device. @see RunState.sendAtOnce */
  readonly atOnce?: boolean
  /** Index of the packet that it wraps. */
  readonly carries?: number
  /** Index of the packet whose next hop it asks for, or tells. */
  readonly resolves?: number
  /** Called with the reason if the packet could not even leave its own namespace. */
  onLocalDrop?(reason: string, because: string, errno?: Errno): void
}

/** Virtual seconds that a hop or an answer takes: little, but never nothing. */
export const HOP_TIME = 0.00002

/** Seconds between two ticks of the clock that timers go by, with a HZ of 250. */
const TICK = 0.004

type Task = { readonly at: number; readonly order: number; readonly run: () => void }

/** All that changes while packets fly. One per conversation; never leaks into the answer. */
export class RunState {
  readonly trail: Trail
  readonly assumptions = new Set<string>()
  readonly captures: Capture[] = []
  now = 0
  /** What time it is when the run begins, in seconds since 1970 (UTC); undefined: nobody told. */
  epoch: number | undefined
  /** All machines are one, and what servers say is known to the last byte. @see ConverseOptions.inLab */
  inLab = false
  private order = 0
  /** Hashes of what went into tunnels, numbered. */
  readonly tunnelled = new Map<string, number>()
  private ipId = 0
  private hashes = 0
  private readonly tasks: Task[] = []
  private readonly states = new Map<string, NetnsState>()

  constructor(
    readonly world: World,
    readonly chooser: Chooser,
    full: boolean,
  ) {
    this.trail = new Trail(full)
  }

  of(netns: string): NetnsState {
    return cached(this.states, netns, () => new NetnsState(this.world.space(netns)))
  }
  touched(): Iterable<[string, NetnsState]> {
    return this.states
  }

  /** Queues work for a virtual time (seconds). Equal times run in the order they were queued. */
  after(seconds: number, run: () => void): void {
    this.queue(this.now + seconds, run)
  }
  private queue(at: number, run: () => void): void {
    const task = { at, order: this.order++, run }
    let i = this.tasks.length
    while (
      i > 0 &&
      (this.tasks[i - 1]!.at < task.at ||
        (this.tasks[i - 1]!.at === task.at && this.tasks[i - 1]!.order < task.order))
    )
      i--
    this.tasks.splice(i, 0, task)
  }
  /** mod_timer(): it goes off with the tick of the clock that ends then, as all that end in the same one, before anything that they send gets anywhere. */
  timer(seconds: number, run: () => void): void {
    this.queue(Math.ceil((this.now + seconds) / TICK) * TICK, run)
  }
  /** Runs queued work until none is left. @returns false if the limit of steps was hit first. */
  runAll(limit: number): boolean {
    for (let steps = 0; steps < limit; steps++) {
      const task = this.tasks.pop()
      if (!task) return true
      this.now = Math.max(this.now, task.at)
      task.run()
    }
    return false
  }

  /** Set by the walk: takes a packet through its journey. */
  walker: (birth: Birth) => void = () => {}

  /** Set by the conversation: a listener (or, where listeners are unknown, nobody by name) takes a packet. */
  accept: (listener: Listener | undefined, skb: Skb, here: Here) => void = () => {}
  /** Set by the conversation: an echo request has arrived. */
  echoed: (skb: Skb, here: Here) => void = () => {}
  /** Why the answer can't be known, once something unknowable decided a packet's fate. */
  unknown: string | undefined

  /** What the packet under way has called forth and what waits for its last copy (netif_rx(): the backlog of the CPU). */
  answers: (() => void)[] = []

  /** How many packets have come to a wire and wait there for their turn. */
  atTheWire = 0

  /** Queues the birth of a packet. */
  send(birth: Birth): void {
    this.after(birth.delay ?? HOP_TIME, () => this.walker(birth))
  }

  /**
   * A packet that is made in the middle of another one's way, and goes its own at once, until it leaves its
   * namespace: errors and resets. What they meet is as it stands at that moment.
   */
  sendAtOnce(birth: Birth): void {
    this.walker({ ...birth, atOnce: true })
  }

  /** sk_set_txhash(): the kernel throws dice; here no two sockets draw the same. */
  drawHash(): number {
    return ++this.hashes
  }

  nextIpId(): number {
    this.ipId = (this.ipId % 65535) + 1
    return this.ipId
  }

  /** Asks the chooser, and leaves the choice in the trace. */
  choose(trace: OpenTrace, netns: string, at: string, options: readonly string[], inDoubt = false): number {
    const taken = this.chooser.pick({ at, options, inDoubt })
    this.trail.note(trace, netns, this.now, { kind: 'choice', name: at, options, taken })
    return taken
  }
}
