import { allOf } from '../events.js'
import type { DiagnosisRule } from '../finding.js'
import { inside, whereRoute } from '../where.js'
import { routesTo } from './no-route.js'

/** Two machines send a packet to each other until its TTL ends. */
export const routingLoop: DiagnosisRule = {
  id: 'routing-loop',
  asks: 'did the packet go round in circles?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped' || !['TTL_EXCEEDED', 'X_LOOP'].includes(stop.event.reason))
      return undefined
    const routes = allOf(stop.packet.events, 'route', e => e.text !== undefined)
    const [a, b] = [routes.at(-1), routes.at(-2)]
    const last = b ?? a
    const netns = inquiry.netns(last?.netns ?? stop.event.netns)
    const to = inquiry.packetAt(stop.packet, stop.event.seq)?.dst ?? inquiry.flow.dst
    return {
      id: this.id,
      severity: 'error',
      says: `${[...new Set(routes.slice(-4).map(e => e.netns))].join(' and ')} send the packet for ${to} to each other until its TTL ends: nobody has that address`,
      where: whereRoute(netns, last?.text, `no route to ${to}`),
      evidence: [...routes.slice(-2).map(e => e.seq), stop.event.seq],
      see: inside(netns, `ip route get ${to}`),
      cures: routesTo(inquiry, netns, to),
    }
  },
}
