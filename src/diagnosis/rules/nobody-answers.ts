import type { DiagnosisRule } from '../finding.js'
import { inside, whereNeighbour } from '../where.js'

/** ARP or neighbour discovery found nobody. */
export const nobodyAnswers: DiagnosisRule = {
  id: 'nobody-answers',
  asks: 'did nobody on the network answer for the next hop?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped') return undefined
    const { reason, because } = stop.event
    if (reason !== 'NEIGH_FAILED' && reason !== 'OTHERHOST') return undefined
    const netns = inquiry.netns(stop.event.netns)
    const address = / answers for (\S+)/.exec(because)?.[1] ?? inquiry.flow.dst
    return {
      id: reason === 'OTHERHOST' ? 'wrong-mac' : this.id,
      severity: 'error',
      says:
        reason === 'OTHERHOST'
          ? `the frame reached ${netns.name} with somebody else's MAC address on it: a neighbour entry on the way is wrong`
          : `${netns.name} asks for ${address} and nobody answers: the machine is gone, or the address is on another network`,
      where: whereNeighbour(netns, address, `${address} has no MAC address`),
      evidence: [stop.event.seq],
      see: inside(netns, `ip neigh show ${address}`),
      cures: [],
    }
  },
}
