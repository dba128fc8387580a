import { sysctlOf } from '../../snapshot/sysctl.js'
import { cure, type DiagnosisRule } from '../finding.js'
import { inside, whereSysctl } from '../where.js'

/** The packet came in by another device than an answer to it would leave by. */
export const rpFilterAsymmetry: DiagnosisRule = {
  id: 'rp-filter-asymmetry',
  asks: 'did rp_filter drop a packet that came by an unexpected device?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'IP_RPFILTER') return undefined
    const netns = inquiry.netns(stop.event.netns)
    const hop = stop.packet.events.findLast(e => e.kind === 'hop' && e.netns === netns.name)
    const came = / on (\S+?):/.exec(stop.event.because)?.[1]
    const dev = came ?? (hop?.kind === 'hop' ? hop.iface : undefined) ?? 'all'
    const key = (device: string) => `net.ipv4.conf.${device}.rp_filter`
    const strict = [key('all'), key(dev)].filter(k => sysctlOf(netns, k) === '1')
    const blamed = strict[0] ?? key(dev)
    const loose = strict.length > 0
    const fix = loose
      ? [cure(`loose reverse-path check on ${dev}`, [netns.name, `sysctl -w ${key(dev)}=2`])]
      : []
    const off = cure(
      'no reverse-path check',
      ...[key('all'), key(dev)]
        .filter(k => sysctlOf(netns, k) !== '0')
        .map(k => [netns.name, `sysctl -w ${k}=0`] as const),
    )
    return {
      id: this.id,
      severity: 'error',
      says: `${netns.name} drops the ${stop.leg}: ${stop.event.because}; requests and answers take different ways`,
      where: whereSysctl(netns, blamed),
      evidence: [stop.event.seq],
      see: inside(netns, `sysctl ${key('all')} ${key(dev)}`),
      cures: [...fix, off],
    }
  },
}
