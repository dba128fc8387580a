import type { PacketTrace, TraceEvent } from '../trace/events.js'

/** What makes two packets fare alike: the same hops, the same rewrites, the same end. Rules may differ: nat is asked once. */
function fate(event: TraceEvent): string | undefined {
  switch (event.kind) {
    case 'hop':
      return `hop ${event.netns} ${event.iface ?? ''}`
    case 'transmit':
      return `transmit ${event.netns} ${event.iface}`
    case 'rewrite':
      return `rewrite ${event.netns} ${event.field} ${event.from} ${event.to}`
    case 'mark':
      return event.what === 'packet' ? undefined : `mark ${event.netns} ${event.from} ${event.to}`
    case 'encap':
    case 'decap':
      return `${event.kind} ${event.dev}`
    case 'hook-skipped':
      return `skipped ${event.netns} ${event.hook}`
    case 'delivered':
      return `delivered ${event.netns}`
    case 'dropped':
      return `dropped ${event.netns} ${event.reason}`
    case 'assume':
      return `assume ${event.about}`
    case 'rp-filter':
      return event.ok ? undefined : 'rp-filter'
    default:
      return undefined
  }
}

const fateOf = (packet: PacketTrace): string =>
  [packet.direction, ...packet.events.map(fate).filter(part => part !== undefined)].join('\n')

/**
 * For each packet, the position of an earlier one of the same direction that fared the same, if there is one:
 * the second needs only a line. Retransmissions, ACKs, requests and answers mostly do.
 */
export function foldable(packets: readonly PacketTrace[]): readonly (number | undefined)[] {
  const first = new Map<string, number>()
  return packets.map((packet, at) => {
    const key = fateOf(packet)
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, at)
    return earlier
  })
}

/** How a packet ended, as an appendix to a sentence. */
export function endOf(packet: PacketTrace): string {
  const end = packet.events.findLast(event => event.kind === 'delivered' || event.kind === 'dropped')
  if (end === undefined) return ''
  return end.kind === 'dropped' ? `: dropped, ${end.reason}` : `: delivered in ${end.netns}`
}
