import type { Conversation } from '../talk/conversation.js'
import type { PacketTrace, TraceEvent } from '../trace/events.js'
import { type Zoom, zoomed } from '../trace/zoom.js'

/** A packet as scripts see it: its position in the list is its number. */
export interface PacketJson {
  readonly direction: PacketTrace['direction']
  readonly summary: string
  readonly carries?: number
  readonly resolves?: number
  readonly events: readonly TraceEvent[]
}

/** The JSON of a trace; `render/trace.schema.json` describes it, field by field. */
export type TraceJson = Pick<
  Conversation,
  'outcome' | 'because' | 'seenByServer' | 'conntrack' | 'findings' | 'assumptions' | 'choices'
> & {
  readonly flow: { src: string; dst: string; proto: string; sport: number; dport: number }
  readonly packets: readonly PacketJson[]
}

/** The stable shape that scripts rely on. Fields of the engine that are not promised stay inside. */
export function traceJson(talk: Conversation, zoom: Zoom = 'summary'): TraceJson {
  const { flow } = talk
  return {
    flow: {
      src: flow.asked.src,
      dst: flow.asked.dst,
      proto: flow.proto,
      sport: flow.sport,
      dport: flow.dport,
    },
    outcome: talk.outcome,
    because: talk.because,
    seenByServer: talk.seenByServer,
    packets: zoomed(talk.packets, zoom).map(packet => ({
      direction: packet.direction,
      summary: packet.summary,
      ...(packet.carries !== undefined && { carries: packet.carries }),
      ...(packet.resolves !== undefined && { resolves: packet.resolves }),
      events: packet.events,
    })),
    conntrack: talk.conntrack,
    findings: talk.findings,
    assumptions: talk.assumptions,
    choices: talk.choices,
  }
}

/** One trace as an object, several as an array. */
export const renderJson = (talks: Conversation | readonly Conversation[], zoom: Zoom = 'summary'): string =>
  `${JSON.stringify(isList(talks) ? talks.map(talk => traceJson(talk, zoom)) : traceJson(talks, zoom), null, 1)}\n`

const isList = (talks: Conversation | readonly Conversation[]): talks is readonly Conversation[] =>
  Array.isArray(talks)
