import type { DiagnosisRule } from '../finding.js'
import { letPass } from '../remedies.js'
import { seeChain, whereDecided } from '../where.js'

/** What was dropped is the wrapping: VXLAN or IPIP between nodes. */
export const tunnelBlocked: DiagnosisRule = {
  id: 'tunnel-blocked',
  asks: 'did a firewall drop the tunnel between two nodes?',
  look(inquiry) {
    const { stop } = inquiry
    if (!stop?.carried || !stop.by) return undefined
    const { by } = stop
    const netns = inquiry.netns(stop.event.netns)
    const what = /^udp/.test(stop.packet.summary)
      ? `VXLAN (${/ > \S+?:(\d+)/.exec(stop.packet.summary)?.[1] ?? 8472}/udp)`
      : 'the tunnel (IPIP)'
    return {
      id: this.id,
      severity: 'error',
      says: `${netns.name} drops ${what} from the other node in ${by.table} ${by.chain}, and with it everything between pods of the two nodes`,
      where: whereDecided(netns, by),
      evidence: [by.seq, stop.event.seq],
      see: seeChain(netns, by),
      cures: letPass(inquiry, stop),
    }
  },
}
