import { cure, type DiagnosisRule } from '../finding.js'
import { deviceKey, inside, whereSysctl } from '../where.js'

/** A loopback address was sent out of, or came in by, a real device. */
export const routeLocalnetOff: DiagnosisRule = {
  id: 'route-localnet-off',
  asks: 'was a packet with a loopback address dropped as a martian?',
  look(inquiry) {
    const { stop, talk } = inquiry
    const local =
      stop?.event.kind === 'dropped' &&
      (stop.event.reason === 'IP_LOCALNET' || /route_localnet/.test(stop.event.because))
    if (!local && !/route_localnet/.test(talk.because)) return undefined
    const netns = inquiry.netns(stop?.event.netns ?? inquiry.flow.netns)
    const named = /(?:leave|came in) by (\S+?)[:\s]/.exec(stop?.event.because ?? talk.because)?.[1]
    const dev = named !== undefined && netns.ifaces.some(i => i.name === named) ? named : 'all'
    const key = deviceKey('ipv4', dev, 'route_localnet')
    return {
      id: this.id,
      severity: 'error',
      says: `a packet with a loopback address (${inquiry.flow.dst}) must not leave its machine while route_localnet is 0 on ${netns.name}: ${stop?.event.because ?? talk.because}`,
      where: whereSysctl(netns, Object.hasOwn(netns.sysctl, key) ? key : 'net.ipv4.conf.all.route_localnet'),
      evidence: stop ? [stop.event.seq] : [],
      see: inside(netns, `sysctl ${key}`),
      cures: [
        cure(`route loopback addresses on ${dev}`, [netns.name, `sysctl -w ${key}=1`]),
        cure(
          'route loopback addresses, and hide them behind the node',
          [netns.name, `sysctl -w ${key}=1`],
          [netns.name, 'iptables -t nat -I POSTROUTING 1 -s 127.0.0.0/8 ! -d 127.0.0.0/8 -j MASQUERADE'],
        ),
      ],
    }
  },
}
