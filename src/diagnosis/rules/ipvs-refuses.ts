import type { EventOf } from '../events.js'
import { serviceName } from '../../ipvs/service.js'
import type { Netns } from '../../model/snapshot.js'
import { addServer, serviceFlags } from '../../whatif/edits/ipvs.js'
import { cure, type DiagnosisRule, type Suspicion } from '../finding.js'
import type { Inquiry } from '../inquiry.js'
import { inside, whereIpvs, whereSysctl } from '../where.js'

type Refused = EventOf<'dropped'>

/** IPVS itself has dropped the packet: it has nobody to send it to, or was told to refuse what it does not know. */
export const ipvsRefuses: DiagnosisRule = {
  id: 'service-without-endpoints',
  asks: 'did IPVS drop the packet, and for want of what?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'X_IPVS') return undefined
    const netns = inquiry.netns(stop.event.netns)
    return (
      noDestination(inquiry, stop.event, netns) ??
      serverGone(stop.event, netns) ??
      strayAnswer(inquiry, stop.event, netns)
    )
  },
}

function noDestination(inquiry: Inquiry, event: Refused, netns: Netns): Suspicion | undefined {
  const name = / no destination for (.+)$/.exec(event.because)?.[1]
  const service = netns.ipvs?.services.find(s => serviceName(s) === name)
  if (!service) return undefined
  const { id, realServers } = service
  const { flow } = inquiry
  const found = {
    severity: 'error',
    where: whereIpvs(netns, serviceName(service), service.line),
    evidence: [event.seq],
  } as const
  const elsewhere = [...inquiry.all()].find(
    n =>
      n !== netns &&
      n.ipvs?.services.some(
        s => s.id.kind === 'address' && s.id.port === flow.dport && s.realServers.length > 0,
      ),
  )
  if (realServers.length === 0 && id.kind === 'address' && inquiry.ownerOf(id.address)?.isHost && elsewhere)
    return {
      ...found,
      id: 'no-local-endpoint',
      says: `${flow.dst}:${flow.dport} has no real server on ${netns.name} while ${elsewhere.name} has some for its own: externalTrafficPolicy is Local, and no endpoint runs on ${netns.name}`,
      see: inside(netns, 'ipvsadm -Ln'),
      cures: [],
    }
  const [first] = realServers
  return {
    ...found,
    id: 'service-without-endpoints',
    says: `the IPVS service ${serviceName(service)} on ${netns.name} has ${first ? 'real servers, but all with weight 0' : 'no real server'}: nobody can answer`,
    see: inside(netns, `ipvsadm -Ln ${serviceFlags(id)}`),
    cures: first
      ? [
          cure(`give the real server ${first.address}:${first.port} its weight back`, [
            netns.name,
            addServer(id, { ...first, weight: 1 }).replace(' -a ', ' -e '),
          ]),
        ]
      : [],
  }
}

/** ip_vs_in_hook(): without expire_nodest_conn a connection outlives its real server, and swallows what belongs to it. */
function serverGone(event: Refused, netns: Netns): Suspicion | undefined {
  if (!/not its real server any more/.test(event.because)) return undefined
  const key = 'net.ipv4.vs.expire_nodest_conn'
  return {
    id: 'stale-ipvs-connection',
    severity: 'error',
    says: `IPVS on ${netns.name} still keeps a connection of this client to a real server that is gone, and drops what belongs to it (${key} is 0) until it expires`,
    where: whereSysctl(netns, key),
    evidence: [event.seq],
    see: inside(netns, 'ipvsadm -Lnc'),
    cures: [cure('end connections whose real server is gone', [netns.name, `sysctl -w ${key}=1`])],
  }
}

/** ip_vs_out_hook(): with nat_icmp_send a real server that was asked directly is told that nobody asked it. */
function strayAnswer(inquiry: Inquiry, event: Refused, netns: Netns): Suspicion | undefined {
  const key = 'net.ipv4.vs.nat_icmp_send'
  if (!event.because.includes(key)) return undefined
  const seen = inquiry.packetAt(inquiry.stop!.packet, event.seq)
  return {
    id: 'ipvs-refuses-answer',
    severity: 'error',
    says: `${seen?.src ?? 'the server'}:${seen?.sport ?? ''} is a real server of IPVS on ${netns.name}, and answers here a client that did not come by way of IPVS: ${key} is 1, so what IPVS knows no connection for is refused`,
    where: whereSysctl(netns, key),
    evidence: [event.seq],
    see: inside(netns, `sysctl ${key}; ipvsadm -Lnc`),
    cures: [cure('let such answers pass', [netns.name, `sysctl -w ${key}=0`])],
  }
}
