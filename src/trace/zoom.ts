import type { EventKind, PacketTrace, TraceEvent } from './events.js'

/** How much is shown. Zooming is filtering: every zoom is a subset of the events of the next one. */
export type Zoom = 'minimal' | 'summary' | 'full'
export const ZOOMS: readonly Zoom[] = ['minimal', 'summary', 'full']

/** Where the packet went, what changed on it, and how it ended. */
const MINIMAL: ReadonlySet<EventKind> = new Set([
  'hop',
  'rewrite',
  'encap',
  'decap',
  'makes',
  'assume',
  'delivered',
  'dropped',
])

/** Does an event appear at this zoom? `summary` leaves out only what had no effect: rules tried in vain. */
export function isShown(event: TraceEvent, zoom: Zoom): boolean {
  if (zoom === 'full') return true
  if (zoom === 'summary') return event.kind !== 'tried'
  // every router counts the TTL down; that is no news
  return MINIMAL.has(event.kind) && !(event.kind === 'rewrite' && event.field === 'ttl')
}

/** The same packets with the events of one zoom, in their order. */
export const zoomed = (packets: readonly PacketTrace[], zoom: Zoom): readonly PacketTrace[] =>
  zoom === 'full'
    ? packets
    : packets.map(packet => ({ ...packet, events: packet.events.filter(event => isShown(event, zoom)) }))
