import { lastOf } from '../events.js'
import { cure, type DiagnosisRule } from '../finding.js'
import { inside, whereHairpin } from '../where.js'

/** The bridge would have to send the frame back out of the port that it came in by. */
export const hairpinOff: DiagnosisRule = {
  id: 'hairpin-off',
  asks: 'did a bridge refuse to send a frame back out of its own port?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'X_BRIDGE_SAME_PORT') return undefined
    const netns = inquiry.netns(stop.event.netns)
    const refused = lastOf(stop.packet.events, 'bridge', e => e.netns === netns.name && e.port !== undefined)
    const hop = lastOf(stop.packet.events, 'hop', e => e.netns === netns.name && e.iface !== undefined)
    const port = hop?.iface ?? refused?.port
    if (port === undefined) return undefined
    const self = inquiry.destination
    return {
      id: this.id,
      severity: 'error',
      says: `${self ? `${self.from} leads back to the client itself (${self.to}), and` : 'the packet must leave by the port that it came in by, but'} hairpin mode is off on ${port}, so the bridge drops it`,
      where: whereHairpin(netns, port, `${port} hairpin off`),
      evidence: [...(self ? [self.seq] : []), stop.event.seq],
      see: inside(netns, `bridge -d link show dev ${port}`),
      cures: [cure(`hairpin mode on for ${port}`, [netns.name, `bridge link set dev ${port} hairpin on`])],
    }
  },
}
