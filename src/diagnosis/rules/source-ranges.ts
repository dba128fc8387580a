import { allOf } from '../events.js'
import { cure, type DiagnosisRule } from '../finding.js'
import { nameIn } from '../provenance.js'
import { seeChain, tables, whereDecided } from '../where.js'

/** loadBalancerSourceRanges: the client's address is in none of them. */
export const sourceRanges: DiagnosisRule = {
  id: 'source-not-in-ranges',
  asks: "did a Service's source ranges leave the client out?",
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.by?.kind !== 'rule' || stop.leg !== 'request') return undefined
    const walked = allOf(
      stop.packet.events,
      'rule',
      e => e.netns === stop.event.netns && e.seq <= stop.by!.seq,
    )
    const isRanges = (chain: string) => /^KUBE-(FW-\w+|SOURCE-RANGES-FIREWALL|LOAD-BALANCER-FW)$/.test(chain)
    const rule = walked.findLast(e => isRanges(e.chain) && / -j (DROP|KUBE-MARK-DROP)\b/.test(e.text))
    if (!rule) return undefined
    const netns = inquiry.netns(stop.event.netns)
    const seen = inquiry.packetAt(stop.packet, rule.seq)
    const allowed = netns.rulesets
      .flatMap(r => r.tables)
      .filter(t => t.name === rule.table)
      .flatMap(t => t.chains.find(c => c.name === rule.chain)?.rules ?? [])
      .find(r => / -s \S+/.test(r.text) && !/DROP/.test(r.text))
    const goesTo = / -j (\S+)/.exec(allowed?.text ?? '')?.[1] ?? 'RETURN'
    return {
      id: this.id,
      severity: 'error',
      says: `${seen?.src ?? 'the client'} is in none of the source ranges of ${nameIn(rule.text) ?? 'this Service'} (loadBalancerSourceRanges)${allowed ? `, as in «${allowed.text}»` : ''}`,
      where: whereDecided(netns, rule),
      evidence: [rule.seq, stop.event.seq],
      see: seeChain(netns, rule),
      cures: seen
        ? [
            cure(`allow ${seen.src} as a source`, [
              netns.name,
              `${tables(rule)} -t ${rule.table} -I ${rule.chain} ${rule.number} -s ${seen.src} -j ${goesTo}`,
            ]),
          ]
        : [],
    }
  },
}
