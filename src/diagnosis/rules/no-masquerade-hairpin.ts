import type { DiagnosisRule } from '../finding.js'
import { whyNoMasquerade } from '../masquerade.js'

/** A request came back to its own sender with the sender's own address as its source. */
export const noMasqueradeHairpin: DiagnosisRule = {
  id: 'no-masquerade-hairpin',
  asks: 'did a packet arrive where its own source address lives?',
  look(inquiry) {
    const { stop, destination: nat } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'IP_LOCAL_SOURCE' || stop.leg !== 'request')
      return undefined
    if (!nat) return undefined
    const reason = whyNoMasquerade(inquiry, nat.netns)
    const seen = inquiry.packetAt(stop.packet, stop.event.seq)
    const self = stop.event.netns === inquiry.flow.netns
    return {
      id: reason.id === 'no-masquerade' && self ? this.id : reason.id,
      severity: 'error',
      says: `${self ? `${nat.from} leads the client back to itself` : `${seen?.src ?? 'the source'} is an address of ${stop.event.netns} too`}, which drops a packet that claims to come from its own address; ${reason.why}`,
      ...(reason.where ? { where: reason.where } : {}),
      evidence: [...reason.evidence, nat.seq, stop.event.seq],
      see: reason.see,
      cures: reason.cures,
    }
  },
}
