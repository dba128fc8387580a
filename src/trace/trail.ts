import type { EventBody, PacketDirection, PacketTrace, TraceEvent } from './events.js'

/** A packet's trace while it still grows. */
export interface OpenTrace {
  readonly index: number
  direction: PacketDirection
  readonly summary: string
  readonly bornAt: number
  readonly events: TraceEvent[]
  carries?: number
  resolves?: number
}

/** The only place that appends. One running number through all packets of a conversation. */
export class Trail {
  private seq = 0
  readonly packets: OpenTrace[] = []
  /** Rules that were tried in vain are noted only if someone will read them. */
  constructor(readonly full: boolean) {}

  open(direction: PacketDirection, summary: string, bornAt: number): OpenTrace {
    const trace: OpenTrace = { index: this.packets.length, direction, summary, bornAt, events: [] }
    this.packets.push(trace)
    return trace
  }

  note(trace: OpenTrace, netns: string, at: number, body: EventBody): number {
    const seq = ++this.seq
    trace.events.push({ seq, netns, at, ...body } as TraceEvent)
    return seq
  }

  finished(): readonly PacketTrace[] {
    return this.packets
  }
}
