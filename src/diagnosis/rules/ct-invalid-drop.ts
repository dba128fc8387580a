import { bridgeNfKey } from '../../values/tool.js'
import { firstOf, lastOf } from '../events.js'
import { sysctlOf } from '../../snapshot/sysctl.js'
import { cure, type DiagnosisRule } from '../finding.js'
import { letPass, takeAway } from '../remedies.js'
import { inside, seeChain, whereDecided, whereModule, whereSysctl } from '../where.js'

/** A rule that drops INVALID packets met one whose other direction conntrack has not seen. */
export const ctInvalidDrop: DiagnosisRule = {
  id: 'ct-invalid-drop',
  asks: 'did a rule drop what conntrack calls INVALID, and why was it invalid?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.by?.kind !== 'rule' || !/--(ct)?state \S*INVALID/.test(stop.by.text)) return undefined
    const { by, packet, event } = stop
    const netns = inquiry.netns(event.netns)
    const invalid = lastOf(packet.events, 'conntrack', e => e.action === 'invalid' && e.netns === netns.name)
    if (!invalid && !netns.ipvs) return undefined
    const evidence = [...(invalid ? [invalid.seq] : []), by.seq, event.seq]
    const notrack = firstOf(
      inquiry.requests.flatMap(p => p.events),
      'conntrack',
      e => e.action === 'untracked' && e.netns === netns.name,
    )
    if (notrack?.because.includes('vs.conntrack'))
      return {
        id: 'ipvs-conntrack-off',
        severity: 'error',
        says: `net.ipv4.vs.conntrack is 0 on ${netns.name}, so IPVS connections are unknown to conntrack and the rule that drops INVALID packets drops their ${stop.leg === 'reply' ? 'answers' : 'packets'}`,
        where: whereSysctl(netns, 'net.ipv4.vs.conntrack'),
        evidence: [notrack.seq, ...evidence],
        see: inside(netns, 'sysctl net.ipv4.vs.conntrack'),
        cures: [
          cure('let IPVS keep its connections in conntrack', [
            netns.name,
            'sysctl -w net.ipv4.vs.conntrack=1',
          ]),
          takeAway(netns.name, by),
        ],
      }
    // the SYN-ACK went round this node's conntrack: by the bridge, or by another way
    const bypass = inquiry.replies.find(p => {
      const here = p.events.filter(e => e.netns === netns.name)
      return p.index < packet.index && !here.some(e => e.kind === 'conntrack')
    })
    const bridged = firstOf(bypass?.events, 'hook-skipped', e => e.netns === netns.name)
    if (bridged) {
      const key = bridgeNfKey(inquiry.family)
      const absent = sysctlOf(netns, key) === undefined
      return {
        id: 'reply-bypasses-conntrack',
        severity: 'error',
        says: `the answer crossed the bridge of ${netns.name} at layer 2 (${absent ? 'br_netfilter is not loaded' : `${key} is 0`}), so conntrack saw one direction only and the client's next packet is INVALID to it`,
        where: absent ? whereModule(netns, 'br_netfilter') : whereSysctl(netns, key),
        evidence: [bridged.seq, ...evidence],
        see: inside(netns, `sysctl ${key}`),
        cures: [
          cure(`let iptables see bridged packets on ${netns.name}`, [netns.name, `sysctl -w ${key}=1`]),
        ],
      }
    }
    const round = bypass ? `the answer took another way back, past ${netns.name}: ` : ''
    return {
      id: bypass ? 'asymmetric-route' : this.id,
      severity: 'error',
      says: `${round}${netns.name} drops the packet because conntrack calls it INVALID (${invalid?.because ?? 'it knows no such connection'})`,
      where: whereDecided(netns, by),
      evidence,
      see: seeChain(netns, by),
      cures: [takeAway(netns.name, by), ...letPass(inquiry, stop)],
    }
  },
}
