import type { DiagnosisRule } from '../finding.js'
import { inside, whereAddress } from '../where.js'

/** Somebody else on the way has the address that the answer is for. */
export const replyTaken: DiagnosisRule = {
  id: 'reply-taken-by-another',
  asks: 'did another machine that owns the address take the packet?',
  look(inquiry) {
    const { stop, flow } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.by) return undefined
    const { netns: name, reason } = stop.event
    const netns = inquiry.netns(name)
    const seen = inquiry.packetAt(stop.packet, stop.event.seq)
    if (!seen) return undefined
    if (reason === 'IP_LOCAL_SOURCE')
      return {
        id: 'source-is-local-too',
        severity: 'error',
        says: `${name} drops the packet because its source ${seen.src} is an address of ${name} too: two machines have one address`,
        where: whereAddress(netns, seen.src, `${seen.src} is an address of ${name}`),
        evidence: [stop.event.seq],
        see: inside(netns, `ip addr | grep ${seen.src}`),
        cures: [],
      }
    if (stop.leg !== 'reply' || reason !== 'NO_SOCKET' || name === flow.netns) return undefined
    return {
      id: this.id,
      severity: 'error',
      says: `the answer is for ${seen.dst}, and ${name}, which has that address as well, takes it for its own`,
      where: whereAddress(netns, seen.dst, `${seen.dst} is an address of ${name}`),
      evidence: [stop.event.seq],
      see: inside(netns, `ip addr | grep ${seen.dst}`),
      cures: [],
    }
  },
}
