import type { DiagnosisRule } from '../finding.js'
import { whyNoMasquerade } from '../masquerade.js'
import { inside } from '../where.js'

/** The answer reached the client, and was not what it waited for. */
export const unexpectedAnswer: DiagnosisRule = {
  id: 'answer-from-wrong-address',
  asks: 'did the client refuse an answer because of the address that it came from?',
  look(inquiry) {
    const { stop, flow } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'NO_SOCKET') return undefined
    if (stop.leg !== 'reply' || stop.event.netns !== flow.netns) return undefined
    const seen = inquiry.packetAt(stop.packet, stop.event.seq)
    if (!seen || (seen.src === flow.dst && seen.sport === flow.dport)) return undefined
    const at = inquiry.destination
    const reason = at && whyNoMasquerade(inquiry, at.netns)
    return {
      id: this.id,
      severity: 'error',
      says: `the client asked ${flow.dst}:${flow.dport} and the answer comes from ${seen.src}:${seen.sport ?? ''}: ${at ? `${at.netns} did not translate it back` : 'somebody changed it on the way'}`,
      ...(reason?.where ? { where: reason.where } : {}),
      evidence: [...(at ? [at.seq] : []), stop.event.seq],
      see: inside(inquiry.client, `tcpdump -ni any port ${flow.dport}`),
      cures: reason?.cures ?? [],
    }
  },
}
