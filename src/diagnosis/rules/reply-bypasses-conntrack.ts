import { bridgeNfKey } from '../../values/tool.js'
import { firstOf } from '../events.js'
import { sysctlOf } from '../../snapshot/sysctl.js'
import { cure, type DiagnosisRule } from '../finding.js'
import { inside, whereModule, whereSysctl } from '../where.js'

/** The answer was bridged straight to the client, so the translation that conntrack had ready never ran. */
export const replyBypassesConntrack: DiagnosisRule = {
  id: 'reply-bypasses-conntrack',
  asks: 'did the answer to a translated request cross the translating node at layer 2, unseen by conntrack?',
  look(inquiry) {
    const { stop, destination: nat } = inquiry
    if (!stop || !nat || stop.leg !== 'reply') return undefined
    const skipped = firstOf(
      stop.packet.events,
      'hook-skipped',
      e => e.netns === nat.netns && e.hook === 'PREROUTING',
    )
    const went = stop.packet.events.some(
      e => e.netns === nat.netns && e.kind === 'bridge' && e.action === 'forward',
    )
    const back = stop.packet.events.some(e => e.kind === 'rewrite' && e.netns === nat.netns)
    if (!skipped || back || (!went && stop.event.netns !== inquiry.flow.netns)) return undefined
    const key = bridgeNfKey(inquiry.family)
    const netns = inquiry.netns(nat.netns)
    const absent = sysctlOf(netns, key) === undefined
    const what = absent ? 'br_netfilter is not loaded' : `${key} is 0`
    return {
      id: this.id,
      severity: 'error',
      says: `${nat.netns} translated ${nat.from} to ${nat.to}, but the answer crosses its bridge at layer 2 (${what}), so it keeps the backend's address ${nat.to} and the client refuses it`,
      where: absent ? whereModule(netns, 'br_netfilter') : whereSysctl(netns, key),
      evidence: [nat.seq, skipped.seq, stop.event.seq],
      see: inside(netns, absent ? 'lsmod | grep br_netfilter; sysctl net.bridge' : `sysctl ${key}`),
      cures: [
        absent
          ? cure(`load br_netfilter on ${nat.netns}`, [nat.netns, 'modprobe br_netfilter'])
          : cure(`let iptables see bridged packets on ${nat.netns}`, [nat.netns, `sysctl -w ${key}=1`]),
      ],
    }
  },
}
