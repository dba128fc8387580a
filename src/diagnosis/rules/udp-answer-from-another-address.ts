import { firstOf } from '../events.js'
import { cure, type DiagnosisRule } from '../finding.js'
import { inside, whereListener } from '../where.js'

/** A UDP server on any address: the route, not the question, chose the source of its answer. */
export const udpAnswerFromAnotherAddress: DiagnosisRule = {
  id: 'udp-answer-from-another-address',
  asks: 'did a UDP server answer from another address than it was asked at?',
  look(inquiry) {
    const { stop, flow } = inquiry
    if (stop?.leg !== 'reply' || flow.proto !== 'udp') return undefined
    const born = stop.packet.events[0]
    const request = inquiry.requests[0]
    const taken = firstOf(request?.events, 'delivered')
    if (!born || !request || !taken || born.netns !== taken.netns) return undefined
    const asked = inquiry.packetAt(request, taken.seq)
    const answer = inquiry.packetAt(stop.packet, born.seq)
    if (!asked || !answer || asked.dst === answer.src) return undefined
    const server = inquiry.netns(taken.netns)
    const listener = server.listeners.find(l => l.proto === 'udp' && l.port === asked.dport)
    return {
      id: this.id,
      severity: 'error',
      says: `the server in ${server.name} was asked at ${asked.dst} but, listening on any address, it answers from ${answer.src}, which nobody waits for`,
      where: whereListener(server, 'udp', asked.dport ?? flow.dport, listener?.text),
      evidence: [taken.seq, born.seq, stop.event.seq],
      see: inside(server, 'ss -lunp'),
      cures: [
        cure(`let the server listen on ${asked.dst} itself`, [
          server.name,
          `listen udp ${asked.dst.includes(':') ? `[${asked.dst}]` : asked.dst}:${asked.dport}`,
        ]),
      ],
    }
  },
}
