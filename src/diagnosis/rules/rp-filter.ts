import { sysctlOf } from '../../snapshot/sysctl.js'
import { lastOf } from '../events.js'
import { cure, type DiagnosisRule, type Suspicion } from '../finding.js'
import type { Inquiry, Stop } from '../inquiry.js'
import { deviceKey, inside, whereSysctl } from '../where.js'

/** The packet came in by another device than an answer to it would leave by. */
export const rpFilterAsymmetry: DiagnosisRule = {
  id: 'rp-filter-asymmetry',
  asks: 'did rp_filter drop a packet that came by an unexpected device?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind === 'dropped' && stop.event.reason === 'NEIGH_FAILED')
      return silentNeighbour(inquiry, stop)
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'IP_RPFILTER') return undefined
    const netns = inquiry.netns(stop.event.netns)
    const hop = lastOf(stop.packet.events, 'hop', e => e.netns === netns.name)
    const came = / on (\S+?):/.exec(stop.event.because)?.[1]
    const dev = came ?? hop?.iface ?? 'all'
    const key = (device: string) => deviceKey('ipv4', device, 'rp_filter')
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

/** arp_process() routes a question before it answers: with rp_filter 1 it is deaf to who is reached by another device. */
function silentNeighbour(inquiry: Inquiry, stop: Stop): Suspicion | undefined {
  const address = / answers for (\S+)/.exec(stop.event.because)?.[1]
  const owner = address === undefined ? undefined : inquiry.ownerOf(address)
  const dev = owner?.ifaces.find(i => i.up && i.addresses.some(a => a.address === address))
  if (address === undefined || !owner || !dev || owner.name === stop.event.netns) return undefined
  const keys = ['all', dev.name].map(name => deviceKey('ipv4', name, 'rp_filter'))
  const strict = keys.find(key => sysctlOf(owner, key) === '1')
  if (strict === undefined) return undefined
  return {
    id: 'rp-filter-asymmetry',
    severity: 'error',
    says: `${owner.name} has ${address} and does not even answer ARP for it: ${strict} is 1, and its way back to ${stop.event.netns} is not by ${dev.name}`,
    where: whereSysctl(owner, strict),
    evidence: [stop.event.seq],
    see: inside(owner, `sysctl ${keys.join(' ')}`),
    cures: [
      cure(`loose reverse-path check on ${dev.name}`, [owner.name, `sysctl -w ${keys[1]}=2`]),
      cure('no reverse-path check', ...keys.map(key => [owner.name, `sysctl -w ${key}=0`] as const)),
    ],
  }
}
