import { endpointText } from '../../parse/ipvs/words.js'
import { serviceFlags } from '../../whatif/edits/ipvs.js'
import { lastOf } from '../events.js'
import { serviceAsked } from '../ipvs-service.js'
import { cure, type CureIdea, type DiagnosisRule } from '../finding.js'
import type { Inquiry } from '../inquiry.js'
import { inside, seeChain, tables, whereDecided, whereIpvs } from '../where.js'

/** A rule sends to an address that no namespace has any more. */
export const staleEndpoint: DiagnosisRule = {
  id: 'stale-endpoint',
  asks: 'was the request sent to an endpoint that does not exist any more?',
  look(inquiry) {
    const { stop, destination: nat, flow } = inquiry
    if (!stop || !nat || stop.leg !== 'request' || stop.by || stop.event.kind !== 'dropped') return undefined
    if (inquiry.ownerOf(nat.to)) return undefined
    const netns = inquiry.netns(nat.netns)
    const server = serviceAsked(netns, flow)?.realServers.find(r => r.address === nat.to)
    return {
      id: this.id,
      severity: 'error',
      says: `${netns.name} sends ${nat.from} on to ${nat.to}, and nobody has that address: the endpoint is gone, and the ${nat.ipvs ? 'real server' : 'rule'} stayed (${stop.event.because})`,
      ...(nat.rule
        ? { where: whereDecided(netns, nat.rule) }
        : { where: whereIpvs(netns, `${flow.dst}:${flow.dport} -> ${nat.to}`, server?.line) }),
      evidence: [nat.seq, stop.event.seq],
      see: nat.rule ? seeChain(netns, nat.rule) : inside(netns, 'ipvsadm -Ln'),
      cures: cures(inquiry),
    }
  },
}

/** Takes the dead endpoint out, which helps where the Service has others. */
function cures(inquiry: Inquiry): CureIdea[] {
  const { destination: nat, flow } = inquiry
  if (!nat) return []
  const netns = inquiry.netns(nat.netns)
  if (nat.ipvs) {
    const service = serviceAsked(netns, flow)
    const dead = service?.realServers.find(r => r.address === nat.to)
    if (!service || !dead) return []
    const command = `ipvsadm -d ${serviceFlags(service.id)} -r ${endpointText(dead.address, dead.port)}`
    return [cure(`take the dead real server ${nat.to} out`, [netns.name, command])]
  }
  const { rule } = nat
  if (!rule) return []
  const jump = lastOf(
    inquiry.requests[0]?.events,
    'rule',
    e => e.netns === nat.netns && e.verdict === 'JUMP' && e.jump === rule.chain,
  )
  const tool = tables(rule)
  const text = (jump ?? rule).text
  return [
    cure(`take the dead endpoint ${nat.to} out`, [netns.name, `${tool} -t nat ${text.replace(/^-A/, '-D')}`]),
  ]
}
