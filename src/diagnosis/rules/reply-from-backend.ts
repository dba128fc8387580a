import type { DiagnosisRule } from '../finding.js'
import { whyNoMasquerade } from '../masquerade.js'

/** The answer found a way to the client (or got lost) without passing the place that would translate it back. */
export const replyMissesTranslator: DiagnosisRule = {
  id: 'no-masquerade',
  asks: 'did the answer miss the node that translated the request?',
  look(inquiry) {
    const { stop, destination: nat } = inquiry
    if (!stop || !nat || stop.leg !== 'reply' || stop.carried) return undefined
    const undone = stop.packet.events.some(
      e => e.kind === 'rewrite' && e.netns === nat.netns && e.field === 'src',
    )
    if (undone) return undefined
    const passed = stop.packet.events.some(e => e.netns === nat.netns)
    // an answer that a rule stopped, or that had no route, has its own story
    if (stop.event.kind !== 'dropped' || stop.by) return undefined
    const reasons = [
      'NO_SOCKET',
      'IP_LOCAL_SOURCE',
      'IP_INADDRERRORS',
      'OTHERHOST',
      'NEIGH_FAILED',
      'IP_INNOROUTES',
      'IP_RPFILTER',
    ]
    if (!reasons.includes(stop.event.reason)) return undefined
    if (passed && stop.event.reason !== 'NO_SOCKET') return undefined
    const reason = whyNoMasquerade(inquiry, nat.netns)
    const seen = inquiry.packetAt(stop.packet, stop.event.seq)
    const owner = stop.event.netns !== inquiry.flow.netns
    return {
      id: owner && reason.id === 'no-masquerade' ? 'reply-taken-by-another' : reason.id,
      severity: 'error',
      says: owner
        ? `the answer is for ${seen?.dst ?? 'an address'}, which ${stop.event.netns} takes for its own, so it never comes back to ${nat.netns}, which knows how to translate it; ${reason.why}`
        : `the answer goes to the client without passing ${nat.netns}, so it comes from ${nat.to} instead of ${nat.from} and the client refuses it; ${reason.why}`,
      ...(reason.where ? { where: reason.where } : {}),
      evidence: [...reason.evidence, nat.seq, stop.event.seq],
      see: reason.see,
      cures: reason.cures,
    }
  },
}
