import type { DiagnosisRule } from '../finding.js'
import { letPass } from '../remedies.js'
import { hiddenBy } from './rule-drops.js'
import { seeChain, whereDecided } from '../where.js'

/** No rule let it pass, and the policy is DROP. */
export const policyDrops: DiagnosisRule = {
  id: 'forward-policy-drop',
  asks: 'did the policy of a chain drop what no rule accepted?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.by?.kind !== 'policy') return undefined
    const { by } = stop
    const netns = inquiry.netns(stop.event.netns)
    const what = stop.leg === 'reply' ? 'the answer' : 'this packet'
    return {
      id: `${by.chain.toLowerCase()}-policy-drop`,
      severity: 'error',
      says: `the policy of ${by.table} ${by.chain} on ${netns.name} is DROP, and no rule there accepts ${what}${by.chain === 'FORWARD' ? ' (Docker sets this policy; kube-proxy and the CNI must let their traffic pass)' : ''}${hiddenBy(inquiry, by.seq)}`,
      where: whereDecided(netns, by),
      evidence: [by.seq, stop.event.seq],
      see: seeChain(netns, by),
      cures: letPass(inquiry, stop),
    }
  },
}
