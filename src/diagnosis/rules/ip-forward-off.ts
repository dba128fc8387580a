import { cure, type DiagnosisRule } from '../finding.js'
import { inside, whereSysctl } from '../where.js'

/** A node that should route does not. */
export const ipForwardOff: DiagnosisRule = {
  id: 'ip-forward-off',
  asks: 'did a node refuse to route because forwarding is off?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped' || !/ip_forward is 0/.test(stop.event.because)) return undefined
    const netns = inquiry.netns(stop.event.netns)
    const seen = inquiry.packetAt(stop.packet, stop.event.seq)
    // a bystander that was sent what nobody translated is not to blame
    if (!seen || inquiry.ownerOf(seen.dst) === undefined) return undefined
    const six = inquiry.family === 'ipv6'
    const key = six ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward'
    return {
      id: this.id,
      severity: 'error',
      says: `${netns.name} would have to route this to ${seen.dst}, but ${key} is 0 there: it is dropped in silence`,
      where: whereSysctl(netns, key),
      evidence: [stop.event.seq],
      see: inside(netns, `sysctl ${key}`),
      cures: [cure(`let ${netns.name} forward`, [netns.name, `sysctl -w ${key}=1`])],
    }
  },
}
