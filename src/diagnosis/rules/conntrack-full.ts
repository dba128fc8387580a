import { sysctlOf } from '../../snapshot/sysctl.js'
import { cure, type DiagnosisRule } from '../finding.js'
import { inside, whereSysctl } from '../where.js'

/** nf_conntrack_max is reached: new connections are dropped, old ones live. */
export const conntrackFull: DiagnosisRule = {
  id: 'conntrack-table-full',
  asks: 'was there no room for a new connection in the conntrack table?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'X_CONNTRACK') return undefined
    if (!/full|nf_conntrack_max/.test(stop.event.because)) return undefined
    const netns = inquiry.netns(stop.event.netns)
    const key = 'net.netfilter.nf_conntrack_max'
    const max = Number(sysctlOf(netns, key) ?? 262144)
    const count = Number(sysctlOf(netns, 'net.netfilter.nf_conntrack_count') ?? netns.conntrack.length)
    return {
      id: this.id,
      severity: 'error',
      says: `the connection table of ${netns.name} is full (${count} of ${max}): new connections are dropped, old ones live on`,
      where: whereSysctl(netns, key),
      evidence: [stop.event.seq],
      see: inside(
        netns,
        'sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max; dmesg | grep nf_conntrack',
      ),
      cures: [
        cure('make the table larger', [
          netns.name,
          `sysctl -w ${key}=${Math.max(max * 2, count * 2, 131072)}`,
        ]),
      ],
    }
  },
}
