import { isMulticast } from '../../run/here.js'
import { ofNoLink } from '../../talk/audience.js'
import type { DiagnosisRule } from '../finding.js'
import { inside } from '../where.js'

/** The socket itself refuses the address, before any packet: it is not one host's, or every link has it anew. */
export const refusedAddress: DiagnosisRule = {
  id: 'refused-address',
  asks: 'did the socket refuse the address, before there was a packet?',
  look(inquiry) {
    const { flow, talk, client, world } = inquiry
    if (talk.packets.length > 0) return undefined
    const isOfLink = ofNoLink(flow) !== undefined
    const many =
      isMulticast(flow.dst) ||
      world.space(client.name).fib(inquiry.family).addressType(flow.dst) === 'broadcast'
    if (!isOfLink && !many) return undefined
    return {
      id: this.id,
      severity: 'error',
      says: `${client.name} sends nothing: ${talk.because}${isOfLink ? '. Ask with an address that is good beyond one link' : ''}`,
      evidence: [],
      see: inside(client, isOfLink ? 'ip -6 addr show scope link' : `ip route get ${flow.dst}`),
      cures: [],
    }
  },
}
