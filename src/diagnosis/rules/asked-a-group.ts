import { isMulticast } from '../../run/here.js'
import type { DiagnosisRule } from '../finding.js'
import { inside } from '../where.js'

/** The question went to a group, in whose name nobody answers. */
export const askedAGroup: DiagnosisRule = {
  id: 'asked-a-group',
  asks: 'was the question one for a group, to which no answer can come back?',
  look(inquiry) {
    const { flow, stop } = inquiry
    if (flow.proto !== 'udp' || !isMulticast(flow.dst)) return undefined
    return {
      id: this.id,
      severity: 'error',
      says: `${flow.dst} is a group: whoever hears the question answers from an address of its own, and the client's socket, which is connected to the group, does not take that`,
      evidence: stop ? [stop.event.seq] : [],
      see: inside(inquiry.client, `tcpdump -ni any host ${flow.dst} or port ${flow.sport}`),
      cures: [],
    }
  },
}
