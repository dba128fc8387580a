import { serviceAsked } from '../ipvs-service.js'
import { type EventOf, firstOf } from '../events.js'
import type { DiagnosisRule } from '../finding.js'
import type { Inquiry } from '../inquiry.js'
import { makerOf, nameIn } from '../provenance.js'
import { takeAway } from '../remedies.js'
import { seeChain, whereDecided } from '../where.js'

/** kube-proxy refuses what a Service without endpoints is asked; a refusal may also be left over. */
export const serviceWithoutEndpoints: DiagnosisRule = {
  id: 'service-without-endpoints',
  asks: 'was the client refused because the Service has nobody to answer?',
  look(inquiry) {
    const { stop, flow } = inquiry
    if (stop?.leg !== 'request' || stop.event.kind !== 'dropped') return undefined
    const netns = inquiry.netns(stop.event.netns)
    const { by } = stop
    const marked = firstOf(
      stop.packet.events,
      'rule',
      e => / -j KUBE-MARK-DROP\b/.test(e.text) && /has no local endpoints/.test(e.text),
    )
    if (by && marked) return noLocal(inquiry, marked)
    if (by?.kind !== 'rule' || !/has no (local |active )?endpoints/.test(by.text)) return undefined
    if (/has no local endpoints/.test(by.text)) return noLocal(inquiry, by)
    const name = nameIn(by.text)
    const served = endpointsFor(inquiry, netns.name)
    if (served)
      return {
        id: 'left-over-reject',
        severity: 'error',
        says: `rule ${by.number} of ${by.table} ${by.chain} refuses ${name ?? 'this Service'} as having no endpoints, but ${served}: the rule is a left-over`,
        where: whereDecided(netns, by),
        evidence: [by.seq, stop.event.seq],
        see: seeChain(netns, by),
        cures: [takeAway(netns.name, by)],
      }
    return {
      id: this.id,
      severity: 'error',
      says: `${name ?? flow.dst} has no endpoints, so ${makerOf(by)?.by ?? 'kube-proxy'} refuses it at once: no ready pod matches the Service's selector`,
      where: whereDecided(netns, by),
      evidence: [by.seq, stop.event.seq],
      see:
        name === undefined
          ? seeChain(netns, by)
          : `kubectl get endpointslices -n ${name.split('/')[0]} | grep ${name.split('/')[1]?.split(':')[0]}`,
      cures: [],
    }
  },
}

function noLocal(inquiry: Inquiry, by: EventOf<'rule'>) {
  const netns = inquiry.netns(by.netns)
  return {
    id: 'no-local-endpoint',
    severity: 'error' as const,
    says: `${nameIn(by.text) ?? 'the Service'} has externalTrafficPolicy Local and no endpoint on ${netns.name}: what comes from outside to this node is dropped`,
    where: whereDecided(netns, by),
    evidence: [by.seq],
    see: seeChain(netns, by),
    cures: [],
  }
}

/** What shows that a Service does have endpoints on a node: an IPVS service with servers, or a rule that sends to one. */
function endpointsFor(inquiry: Inquiry, name: string): string | undefined {
  const netns = inquiry.netns(name)
  const { dst, dport } = inquiry.flow
  const service = serviceAsked(netns, inquiry.flow)
  if (service?.realServers.some(r => r.weight > 0))
    return `IPVS has real servers for it (${service.realServers[0]!.address})`
  for (const { tables } of netns.rulesets)
    for (const chain of tables.find(t => t.name === 'nat')?.chains ?? [])
      for (const rule of chain.rules) {
        const toService =
          / -j (KUBE-(SVC|EXT)-\w+|DNAT)\b/.test(rule.text) &&
          rule.text.includes(` -d ${dst}/`) &&
          new RegExp(` --dport ${dport}( |$)`).test(rule.text)
        if (toService && !rule.text.includes('KUBE-MARK'))
          return `nat ${chain.name} sends it on («${rule.text}»)`
      }
  return undefined
}
