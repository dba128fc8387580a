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
    const server = netns.ipvs?.services
      .find(s => s.id.kind === 'address' && s.id.address === flow.dst && s.id.port === flow.dport)
      ?.realServers.find(r => r.address === nat.to)
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
    const service = netns.ipvs?.services.find(
      s => s.id.kind === 'address' && s.id.address === flow.dst && s.id.port === flow.dport,
    )
    const dead = service?.realServers.find(r => r.address === nat.to)
    const flag = flow.proto === 'udp' ? '-u' : flow.proto === 'sctp' ? '--sctp-service' : '-t'
    return dead
      ? [
          cure(`take the dead real server ${nat.to} out`, [
            netns.name,
            `ipvsadm -d ${flag} ${flow.dst}:${flow.dport} -r ${dead.address}:${dead.port}`,
          ]),
        ]
      : []
  }
  const { rule } = nat
  if (!rule) return []
  const jump = inquiry.requests[0]?.events.findLast(
    e => e.kind === 'rule' && e.netns === nat.netns && e.verdict === 'JUMP' && e.jump === rule.chain,
  )
  const tool = tables(rule)
  const text = jump?.kind === 'rule' ? jump.text : rule.text
  return [
    cure(`take the dead endpoint ${nat.to} out`, [netns.name, `${tool} -t nat ${text.replace(/^-A/, '-D')}`]),
  ]
}
