import type { Netns } from '../../model/snapshot.js'
import type { PacketTrace } from '../../trace/events.js'
import { bridgeNfKey } from '../../values/tool.js'
import { type EventOf, firstOf, lastOf } from '../events.js'
import { sysctlOf } from '../../snapshot/sysctl.js'
import { cure, type DiagnosisRule, type Suspicion } from '../finding.js'
import type { Inquiry, Stop } from '../inquiry.js'
import { letPass, takeAway } from '../remedies.js'
import { inside, seeChain, whereDecided, whereModule, whereSysctl } from '../where.js'

/** A packet that a rule dropped for being INVALID: who said so, and all that shows it. */
interface Invalid {
  readonly stop: Stop
  readonly by: EventOf<'rule'>
  readonly netns: Netns
  readonly told: EventOf<'conntrack'> | undefined
  readonly evidence: readonly number[]
}

/** A rule that drops INVALID packets met one whose other direction conntrack has not seen. */
export const ctInvalidDrop: DiagnosisRule = {
  id: 'ct-invalid-drop',
  asks: 'did a rule drop what conntrack calls INVALID, and why was it invalid?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.by?.kind !== 'rule' || !/--(ct)?state \S*INVALID/.test(stop.by.text)) return undefined
    const { by, packet, event } = stop
    const netns = inquiry.netns(event.netns)
    const told = lastOf(packet.events, 'conntrack', e => e.action === 'invalid' && e.netns === netns.name)
    if (!told && !netns.ipvs) return undefined
    const invalid = { stop, by, netns, told, evidence: [...(told ? [told.seq] : []), by.seq, event.seq] }
    return ipvsUntracked(inquiry, invalid) ?? bridgedPast(inquiry, invalid) ?? unknownHere(inquiry, invalid)
  },
}

function ipvsUntracked(inquiry: Inquiry, { stop, by, netns, evidence }: Invalid): Suspicion | undefined {
  const untracked = firstOf(
    inquiry.requests.flatMap(p => p.events),
    'conntrack',
    e => e.action === 'untracked' && e.netns === netns.name,
  )
  if (!untracked?.because.includes('vs.conntrack')) return undefined
  return {
    id: 'ipvs-conntrack-off',
    severity: 'error',
    says: `net.ipv4.vs.conntrack is 0 on ${netns.name}, so IPVS connections are unknown to conntrack and the rule that drops INVALID packets drops their ${stop.leg === 'reply' ? 'answers' : 'packets'}`,
    where: whereSysctl(netns, 'net.ipv4.vs.conntrack'),
    evidence: [untracked.seq, ...evidence],
    see: inside(netns, 'sysctl net.ipv4.vs.conntrack'),
    cures: [
      cure('let IPVS keep its connections in conntrack', [netns.name, 'sysctl -w net.ipv4.vs.conntrack=1']),
      takeAway(netns.name, by),
    ],
  }
}

/** An earlier answer that went round this node's conntrack: by the bridge, or by another way. */
const bypassOf = (inquiry: Inquiry, { stop, netns }: Invalid): PacketTrace | undefined =>
  inquiry.replies.find(
    p => p.index < stop.packet.index && !p.events.some(e => e.netns === netns.name && e.kind === 'conntrack'),
  )

function bridgedPast(inquiry: Inquiry, invalid: Invalid): Suspicion | undefined {
  const { netns, evidence } = invalid
  const bypass = bypassOf(inquiry, invalid)
  const bridged = firstOf(bypass?.events, 'hook-skipped', e => e.netns === netns.name)
  if (!bridged) return undefined
  const key = bridgeNfKey(inquiry.family)
  const absent = sysctlOf(netns, key) === undefined
  return {
    id: 'reply-bypasses-conntrack',
    severity: 'error',
    says: `the answer crossed the bridge of ${netns.name} at layer 2 (${absent ? 'br_netfilter is not loaded' : `${key} is 0`}), so conntrack saw one direction only and the client's next packet is INVALID to it`,
    where: absent ? whereModule(netns, 'br_netfilter') : whereSysctl(netns, key),
    evidence: [bridged.seq, ...evidence],
    see: inside(netns, `sysctl ${key}`),
    cures: [cure(`let iptables see bridged packets on ${netns.name}`, [netns.name, `sysctl -w ${key}=1`])],
  }
}

function unknownHere(inquiry: Inquiry, invalid: Invalid): Suspicion {
  const { stop, by, netns, told, evidence } = invalid
  const bypass = bypassOf(inquiry, invalid)
  const round = bypass ? `the answer took another way back, past ${netns.name}: ` : ''
  return {
    id: bypass ? 'asymmetric-route' : 'ct-invalid-drop',
    severity: 'error',
    says: `${round}${netns.name} drops the packet because conntrack calls it INVALID (${told?.because ?? 'it knows no such connection'})`,
    where: whereDecided(netns, by),
    evidence,
    see: seeChain(netns, by),
    cures: [takeAway(netns.name, by), ...letPass(inquiry, stop)],
  }
}
