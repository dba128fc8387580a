import { toolOf } from '../../values/tool.js'
import { widthOf } from '../../values/ip.js'
import { serviceAsked } from '../ipvs-service.js'
import { firstOf, lastOf, notrackIn } from '../events.js'
import type { Netns } from '../../model/snapshot.js'
import type { Rule, Ruleset } from '../../model/ruleset.js'
import type { Where } from '../../talk/conversation.js'
import { contains } from '../../values/prefix.js'
import { type CureIdea, cure, type DiagnosisRule, type Suspicion } from '../finding.js'
import { fullRequest } from '../full-trace.js'
import type { Inquiry } from '../inquiry.js'
import {
  type Candidate,
  callers,
  callersOf,
  candidatesIn,
  pathHosts,
  portFits,
  rootOf,
  ruleAt,
} from '../nat-candidates.js'
import { takeAway } from '../remedies.js'
import { inside, seeChain, whereAddress, whereDecided, whereIpvs, whereRule } from '../where.js'

/** The address is a Service's, and no rule turned it into an endpoint's. */
export const notTranslated: DiagnosisRule = {
  id: 'service-not-translated',
  asks: 'did a packet for a Service leave (or end) without ever being sent to an endpoint?',
  look(inquiry) {
    const { stop, flow, destination } = inquiry
    if (!stop || destination || stop.leg !== 'request' || stop.by) return undefined
    if (stop.event.kind !== 'dropped') return undefined
    const owner = inquiry.ownerOf(flow.dst)
    const nodePort = owner?.isHost === true && flow.dport >= 30000 && flow.dport <= 32767
    const hosts = pathHosts(inquiry)
    const candidates = hosts.flatMap(netns => candidatesIn(netns, inquiry))
    const known =
      candidates.length > 0 ||
      hosts.some(n => n.ipvs?.services.some(s => s.id.kind === 'address' && s.id.address === flow.dst)) ||
      inquiry.snapshot.serviceCidrs.some(p => contains(p, flow.dst))
    if (owner && !nodePort && candidates.length === 0) return undefined
    if (owner && !nodePort && stop.event.reason !== 'NO_SOCKET') return undefined
    if (owner?.listeners.some(l => l.port === flow.dport && l.proto === flow.proto)) return undefined
    if (!known && !nodePort) return unknownAddress(inquiry)
    return (
      addressMissing(inquiry, hosts) ??
      shadowed(inquiry, candidates) ??
      wrongHook(inquiry, candidates) ??
      wrongPort(inquiry, candidates, hosts) ??
      noRule(inquiry, hosts, nodePort)
    )
  },
}

const suspicion = (
  id: string,
  says: string,
  where: Where | undefined,
  see: string,
  inquiry: Inquiry,
  cures: readonly CureIdea[] = [],
  evidence: readonly number[] = [],
): Suspicion => ({
  id,
  severity: 'error',
  says,
  ...(where ? { where } : {}),
  evidence: [...evidence, inquiry.stop!.event.seq],
  see,
  cures,
})

/** IPVS has the service, but no device of the node has its address, so its packets never reach INPUT. */
function addressMissing(inquiry: Inquiry, hosts: readonly Netns[]): Suspicion | undefined {
  const { flow } = inquiry
  for (const netns of hosts) {
    const service = serviceAsked(netns, flow)
    if (!service || netns.ifaces.some(i => i.addresses.some(a => a.address === flow.dst))) continue
    const dev = netns.ifaces.find(i => i.name === 'kube-ipvs0')?.name ?? 'lo'
    return suspicion(
      'ipvs-address-missing',
      `IPVS on ${netns.name} has the service ${flow.dst}:${flow.dport}, but no device there has the address ${flow.dst}, so its packets are routed away instead of delivered to IPVS`,
      dev === 'lo'
        ? whereIpvs(netns, `${flow.dst}:${flow.dport}`, service.line)
        : whereAddress(netns, flow.dst, `${flow.dst} is not on ${dev}`),
      inside(netns, `ip addr show ${dev} | grep ${flow.dst}`),
      inquiry,
      [
        cure(`put ${flow.dst} on ${dev}`, [
          netns.name,
          `ip addr add ${flow.dst}/${widthOf(inquiry.family)} dev ${dev}`,
        ]),
      ],
    )
  }
  return undefined
}

const DESTINATION_HOOKS = ['PREROUTING', 'OUTPUT'] as const

/** The right rule stands in a chain that this packet's way does not call. */
function wrongHook(inquiry: Inquiry, candidates: readonly Candidate[]): Suspicion | undefined {
  for (const candidate of candidates.filter(c => portFits(c.rule, inquiry))) {
    const { netns, ruleset, chain, rule } = candidate
    const called = callers(ruleset, chain)
    const born = inquiry.requests[0]?.events[0]?.netns === netns.name
    const [needed, other] = born ? (['OUTPUT', 'PREROUTING'] as const) : DESTINATION_HOOKS
    if (called.has(needed) || !called.has(other)) continue
    const tool = toolOf(ruleset.family)
    const root = rootOf(ruleset, chain, other)
    const body = root.replace(/^-A \S+ ?/, '').replace(/-i \S+ /, '')
    return suspicion(
      born ? 'rule-only-in-prerouting' : 'rule-only-in-output',
      born
        ? `the rule that would send ${inquiry.flow.dst}:${inquiry.flow.dport} on stands in PREROUTING only; what ${netns.name} itself sends passes OUTPUT instead`
        : `the rule that would send ${inquiry.flow.dst}:${inquiry.flow.dport} on is called from OUTPUT only; what comes in from outside passes PREROUTING instead`,
      whereRule(netns, ruleset.file, root === rule.text ? rule : (ruleAt(ruleset, root) ?? rule)),
      seeChain(netns, { file: ruleset.file, table: 'nat', chain: needed }),
      inquiry,
      [cure(`the same rule in ${needed}`, [netns.name, `${tool} -t nat -A ${needed} ${body}`])],
    )
  }
  return undefined
}

function wrongPort(
  inquiry: Inquiry,
  candidates: readonly Candidate[],
  hosts: readonly Netns[],
): Suspicion | undefined {
  const { flow } = inquiry
  const near = candidates.find(c => !portFits(c.rule, inquiry))
  const service = hosts
    .flatMap(n => (n.ipvs?.services ?? []).map(s => ({ n, s })))
    .find(({ s }) => s.id.kind === 'address' && s.id.address === flow.dst)
  if (candidates.some(c => portFits(c.rule, inquiry))) return undefined
  if (near) {
    const [, port] = / --dport (\d+)/.exec(near.rule.text) ?? []
    const proto = / -p (\S+)/.exec(near.rule.text)?.[1]
    return suspicion(
      'no-such-service-port',
      `the Service at ${flow.dst} has no ${flow.proto} port ${flow.dport}; there is ${proto} port ${port}`,
      whereRule(near.netns, near.ruleset.file, near.rule),
      seeChain(near.netns, { file: near.ruleset.file, table: 'nat', chain: near.chain }),
      inquiry,
    )
  }
  if (service?.s.id.kind !== 'address') return undefined
  return suspicion(
    'no-such-service-port',
    `the Service at ${flow.dst} has no ${flow.proto} port ${flow.dport}; IPVS has ${service.s.id.proto} port ${service.s.id.port}`,
    whereIpvs(service.n, `${flow.dst}:${service.s.id.port}`, service.s.line),
    inside(service.n, `ipvsadm -Ln | grep ${flow.dst}`),
    inquiry,
  )
}

/** A rule before the right one ended the walk, or the right one asked for something that this packet lacks. */
function shadowed(inquiry: Inquiry, candidates: readonly Candidate[]): Suspicion | undefined {
  const fit = candidates.filter(c => portFits(c.rule, inquiry))
  const [request] = inquiry.requests
  if (fit.length === 0 || !request) return undefined
  for (const { netns, chain, ruleset, rule, number } of fit) {
    const notrack = notrackIn(request.events, netns.name)?.rule
    if (notrack)
      return suspicion(
        'notrack',
        `rule ${notrack.number} of ${notrack.table} ${notrack.chain} on ${netns.name} takes the packet out of connection tracking, so no nat rule is asked about it`,
        whereDecided(netns, notrack),
        seeChain(netns, notrack),
        inquiry,
        [takeAway(netns.name, notrack)],
        [notrack.seq],
      )
    const tried = firstOf(
      fullRequest(inquiry)?.events,
      'tried',
      e => e.netns === netns.name && e.table === 'nat' && e.chain === chain && e.number === number,
    )
    if (tried)
      return suspicion(
        'rule-does-not-match',
        `the rule that would send ${inquiry.flow.dst}:${inquiry.flow.dport} on was tried on ${netns.name} and did not match: ${tried.because}`,
        whereRule(netns, ruleset.file, rule),
        seeChain(netns, { file: ruleset.file, table: 'nat', chain }),
        inquiry,
        loosened(inquiry, netns, ruleset, chain, rule),
      )
    const roots = callersOf(ruleset, chain)
    const ender = lastOf(
      request.events,
      'rule',
      e =>
        e.netns === netns.name &&
        e.table === 'nat' &&
        (e.hook === 'PREROUTING' || e.hook === 'OUTPUT') &&
        (e.verdict === 'ACCEPT' || e.verdict === 'RETURN') &&
        (roots.has(e.chain) || e.verdict === 'ACCEPT'),
    )
    if (ender)
      return suspicion(
        'rule-shadowed',
        `rule ${ender.number} of nat ${ender.chain} on ${netns.name} ends the walk (${ender.verdict}) before the rule that would send ${inquiry.flow.dst}:${inquiry.flow.dport} on`,
        whereDecided(netns, ender),
        seeChain(netns, ender),
        inquiry,
        [takeAway(netns.name, ender)],
        [ender.seq],
      )
  }
  return undefined
}

/** The same rule without what it asks of the device or the source, for this client alone. */
function loosened(
  inquiry: Inquiry,
  netns: Netns,
  { family }: Ruleset,
  chain: string,
  rule: Rule,
): CureIdea[] {
  const source =
    inquiry.requests[0] && inquiry.packetAt(inquiry.requests[0], inquiry.requests[0].events[0]?.seq ?? 0)
  const body = rule.text.replace(/^-A \S+/, '').replace(/( !)? -[is] \S+/g, '')
  if (!source || body === rule.text.replace(/^-A \S+/, '')) return []
  return [
    cure('the same rule for this client', [
      netns.name,
      `${toolOf(family)} -t nat -I ${chain} 1 -s ${source.src}/${widthOf(family)}${body}`,
    ]),
  ]
}

function noRule(inquiry: Inquiry, hosts: readonly Netns[], nodePort: boolean): Suspicion {
  const { flow, stop } = inquiry
  const own = hosts.filter(n => n.isHost)
  const netns = own.find(n => n.rulesets.length > 0) ?? own[0]
  const what = nodePort ? `node port ${flow.dport}` : `${flow.dst}:${flow.dport}`
  const chain = netns?.rulesets
    .flatMap(r => r.tables.filter(t => t.name === 'nat').flatMap(t => t.chains.map(c => ({ r, c }))))
    .find(({ c }) => c.name === (nodePort ? 'KUBE-NODEPORTS' : 'KUBE-SERVICES'))
  const where: Where | undefined =
    netns && chain
      ? {
          node: netns.node,
          netns: netns.name,
          kind: 'rule',
          detail: `no rule in ${chain.c.name} is for ${what}`,
          file: chain.r.file,
          line: chain.c.line,
        }
      : undefined
  return suspicion(
    'service-not-translated',
    `nothing on ${netns?.name ?? 'the way'} translates ${what}: the packet goes on with the Service's own address, and ends in ${stop!.event.netns} (${stop!.event.because}); kube-proxy has written no rule for it`,
    where,
    netns
      ? inside(netns, `iptables-save -t nat | grep -- ${nodePort ? `'--dport ${flow.dport}'` : flow.dst}`)
      : 'iptables-save -t nat',
    inquiry,
  )
}

/** Nothing in the snapshot has, or knows of, the address. */
function unknownAddress(inquiry: Inquiry): Suspicion | undefined {
  const { flow, stop } = inquiry
  if (inquiry.ownerOf(flow.dst)) return undefined
  const last = lastOf(stop!.packet.events, 'route', e => e.netns === stop!.event.netns)
  const netns = inquiry.netns(stop!.event.netns)
  return suspicion(
    'nobody-has-address',
    `nobody in this snapshot has the address ${flow.dst}, and no rule or IPVS service knows it; the packet ends in ${netns.name}: ${stop!.event.because}`,
    whereAddress(netns, flow.dst, `nobody has ${flow.dst}`),
    inside(netns, `ip route get ${flow.dst}`),
    inquiry,
    [],
    last ? [last.seq] : [],
  )
}
