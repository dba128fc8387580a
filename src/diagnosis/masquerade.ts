import { toolOf } from '../values/tool.js'
import { allOf, type EventOf, firstOf, lastOf, notrackIn } from './events.js'
import type { Rule } from '../model/ruleset.js'
import type { Where } from '../talk/conversation.js'
import type { TraceEvent } from '../trace/events.js'
import { sameUnderMask } from '../values/prefix.js'
import { ipBits } from '../values/ip.js'
import { placeOf } from '../snapshot/sources.js'
import type { CureIdea } from './finding.js'
import { fullRequest } from './full-trace.js'
import type { Inquiry } from './inquiry.js'
import { makerOf } from './provenance.js'
import { masqueradeHere, takeAway } from './remedies.js'
import { inside, seeChain, whereDecided, whereIpvs, whereRule, whereSysctl } from './where.js'

/** Why a node did not hide the client's address, though the answer needed it. */
export interface NoMasquerade {
  readonly id: string
  readonly why: string
  readonly where?: Where
  readonly evidence: readonly number[]
  readonly see: string
  readonly cures: readonly CureIdea[]
}

const HIDES = /-j (MASQUERADE|SNAT)\b/
const MARKS = /-j (KUBE-MARK-MASQ|KUBE-MARK-MASQ-?\w*)\b|-j (CONN)?MARK --(set|or)/

/** The first request's own events in one namespace; what wraps it has a way of its own. */
const eventsIn = (inquiry: Inquiry, netns: string): readonly TraceEvent[] =>
  (inquiry.requests[0]?.events ?? []).filter(e => e.netns === netns)

/** Asks, from the surest to the vaguest reason. */
export function whyNoMasquerade(inquiry: Inquiry, name: string): NoMasquerade {
  const events = eventsIn(inquiry, name)
  return (
    untracked(inquiry, name, events) ??
    markChanged(inquiry, name, events) ??
    markSkipped(inquiry, name) ??
    notInSet(inquiry, name) ??
    endedBefore(inquiry, name, events) ??
    noRule(inquiry, name)
  )
}

function untracked(inquiry: Inquiry, name: string, events: readonly TraceEvent[]): NoMasquerade | undefined {
  const netns = inquiry.netns(name)
  const told = firstOf(events, 'conntrack', e => e.action === 'untracked')
  if (!told) return undefined
  if (told.because.includes('vs.conntrack'))
    return {
      id: 'ipvs-conntrack-off',
      why: `net.ipv4.vs.conntrack is 0 on ${name}: IPVS takes its packets out of connection tracking, so no nat rule masquerades them`,
      where: whereSysctl(netns, 'net.ipv4.vs.conntrack'),
      evidence: [told.seq],
      see: 'sysctl net.ipv4.vs.conntrack',
      cures: [
        {
          title: 'let IPVS keep its connections in conntrack',
          steps: [{ on: name, command: 'sysctl -w net.ipv4.vs.conntrack=1' }],
        },
      ],
    }
  const rule = notrackIn(events, name)?.rule
  if (!rule) return undefined
  return {
    id: 'notrack',
    why: `a NOTRACK rule on ${name} takes the packet out of connection tracking, so nothing there can be translated`,
    where: whereDecided(netns, rule),
    evidence: [rule.seq, told.seq],
    see: seeChain(netns, rule),
    cures: [takeAway(name, rule)],
  }
}

/** The mark that asks for masquerading was there, and something changed it before POSTROUTING. */
function markChanged(
  inquiry: Inquiry,
  name: string,
  events: readonly TraceEvent[],
): NoMasquerade | undefined {
  const marks = allOf(events, 'mark', e => e.what === 'packet')
  const set = marks.find(e => (e.to & MASQ) !== 0 && (e.from & MASQ) === 0)
  const lost = set && marks.find(e => e.seq > set.seq && (e.from & MASQ) !== 0 && (e.to & MASQ) === 0)
  const rule = lost && lastOf(events, 'rule', e => e.seq < lost.seq && / -j (CONN)?MARK\b/.test(e.text))
  // kube-proxy itself clears its mark right before it masquerades
  if (!lost || !rule || rule.chain === 'KUBE-POSTROUTING') return undefined
  return {
    id: 'mark-overwritten',
    why: `kube-proxy marked the packet for masquerading (0x${MASQ.toString(16)}), and rule ${rule.number} of ${rule.table} ${rule.chain} then wrote over the mark (0x${lost.from.toString(16)} became 0x${lost.to.toString(16)})`,
    where: whereDecided(inquiry.netns(name), rule),
    evidence: [set.seq, rule.seq, lost.seq],
    see: seeChain(inquiry.netns(name), rule),
    cures: [takeAway(name, rule), ...masqueradeHere(inquiry, name)],
  }
}

/** The bit that kube-proxy uses unless told otherwise (--iptables-masquerade-bit 14). */
const MASQ = 0x4000

/** A rule that would have marked (or masqueraded) leaves sources of a network out, and the source lies in it. */
function markSkipped(inquiry: Inquiry, name: string): NoMasquerade | undefined {
  const netns = inquiry.netns(name)
  // that pods are left out is meant so: only who is no pod and lies in their network is left out by mistake
  const client =
    inquiry.requests[0] && inquiry.packetAt(inquiry.requests[0], inquiry.requests[0].events[0]?.seq ?? 0)
  const holder = client && inquiry.ownerOf(client.src)
  if (
    holder &&
    !holder.isHost &&
    inquiry.snapshot.nodes.some(n => n.namespaces.length > 1 && n.name === holder.node)
  )
    return undefined
  for (const e of fullRequest(inquiry)?.events ?? []) {
    if (e.kind !== 'tried' || e.netns !== name || e.table !== 'nat') continue
    if (!MARKS.test(e.text) && !HIDES.test(e.text)) continue
    const found = ruleAt(netns.rulesets, e)
    if (!found?.rule.header.src?.not || !e.because.startsWith('source')) continue
    const seen = inquiry.packetAt(inquiry.requests[0]!, earlier(inquiry, name, e))
    if (!seen || !restFits(found.rule, seen, inquiry)) continue
    const cidr = /! -s (\S+)/.exec(found.rule.text)?.[1] ?? 'its CIDR'
    return {
      id: 'masquerade-skipped',
      why: `the rule that should mark it for masquerading leaves out sources in ${cidr}, and ${seen.src} lies in it`,
      where: whereRule(netns, found.file, found.rule),
      evidence: [],
      see: seeChain(netns, { file: found.file, table: 'nat', chain: e.chain }),
      cures: masqueradeHere(inquiry, name),
    }
  }
  return undefined
}

/** kube-proxy in IPVS mode keeps in sets what is to be masqueraded: an entry is missing. */
function notInSet(inquiry: Inquiry, name: string): NoMasquerade | undefined {
  const netns = inquiry.netns(name)
  for (const e of fullRequest(inquiry)?.events ?? []) {
    if (e.kind !== 'tried' || e.netns !== name || e.table !== 'nat') continue
    const set = / --match-set (KUBE-\S+) /.exec(e.text)?.[1]
    if (set === undefined || !e.because.includes(set) || !(MARKS.test(e.text) || HIDES.test(e.text))) continue
    const known = netns.sets.find(s => s.name === set)
    const at = inquiry.requests[0] && inquiry.packetAt(inquiry.requests[0], earlier(inquiry, name, e))
    if (!known || !at) continue
    const nodePort = known.type === 'bitmap:port'
    const own = netns.ifaces.some(i => i.kind !== 'dummy' && i.addresses.some(a => a.address === at.dst))
    // each set has its own sort of traffic: others are rightly not in it
    if (
      nodePort
        ? !own || set.includes('LOCAL')
        : set === 'KUBE-LOOP-BACK'
          ? at.src !== at.dst
          : set !== 'KUBE-CLUSTER-IP'
    )
      continue
    if (set === 'KUBE-CLUSTER-IP' && own) continue
    const { proto } = inquiry.flow
    const element = nodePort
      ? `${at.dport}`
      : `${at.dst},${proto}:${at.dport}${set === 'KUBE-LOOP-BACK' ? `,${at.src}` : ''}`
    if (nodePort && !set.toLowerCase().includes(proto)) continue
    return {
      id: 'ipset-entry-missing',
      why: `${element} is not in the set ${set} on ${name}, by which kube-proxy knows what to masquerade`,
      where: {
        node: netns.node,
        netns: name,
        kind: 'ipset',
        detail: `${set}: no entry ${element}`,
        ...placeOf(netns, 'ipset-save', line => line.startsWith(`create ${set} `)),
      },
      evidence: [],
      see: inside(netns, `ipset list ${set}`),
      cures: [
        { title: `add ${element} to ${set}`, steps: [{ on: name, command: `ipset add ${set} ${element}` }] },
        ...masqueradeHere(inquiry, name),
      ],
    }
  }
  return undefined
}

/** Sequence number, in the short trace, of the first event in a namespace: where the full one tried its rules. */
function earlier(inquiry: Inquiry, name: string, tried: EventOf<'tried'>): number {
  const here = eventsIn(inquiry, name)
  const hook = firstOf(here, 'hook', e => e.hook === tried.hook)
  return hook?.seq ?? here[0]?.seq ?? 0
}

function restFits(rule: Rule, seen: { dst: string; dport?: number }, inquiry: Inquiry): boolean {
  const { dst } = rule.header
  const asked = [seen.dst, inquiry.flow.dst]
  if (
    dst &&
    !asked.some(
      a =>
        dst.bits.length === ipBits(a as never).length &&
        sameUnderMask(ipBits(a as never), dst.bits, dst.mask) !== dst.not,
    )
  )
    return false
  const port = / --dport (\d+)(?: |$)/.exec(rule.text)?.[1]
  return port === undefined || Number(port) === inquiry.flow.dport || Number(port) === seen.dport
}

function ruleAt(
  rulesets: readonly {
    file: string
    tables: readonly { name: string; chains: readonly { name: string; rules: readonly Rule[] }[] }[]
  }[],
  e: { table: string; chain: string; number: number; text: string },
): { rule: Rule; file: string } | undefined {
  for (const { file, tables } of rulesets) {
    const rule = tables.find(t => t.name === e.table)?.chains.find(c => c.name === e.chain)?.rules[
      e.number - 1
    ]
    if (rule?.text === e.text) return { rule, file }
  }
  return undefined
}

/** POSTROUTING was left (ACCEPT, or a RETURN out of it) before its masquerade rule. */
function endedBefore(
  inquiry: Inquiry,
  name: string,
  events: readonly TraceEvent[],
): NoMasquerade | undefined {
  const netns = inquiry.netns(name)
  const post = events.filter(
    (e): e is EventOf<'rule'> | EventOf<'return'> =>
      (e.kind === 'rule' || e.kind === 'return') && e.table === 'nat' && e.hook === 'POSTROUTING',
  )
  // the exceptions that kube-proxy and a CNI make are meant so
  const end = post.findLast(
    e => verdictOf(e) === 'ACCEPT' || (verdictOf(e) === 'RETURN' && makerOf(e) === undefined),
  )
  if (!end || HIDES.test(end.text)) return undefined
  if (verdictOf(end) === 'RETURN' && /-m mark ! --mark/.test(end.text)) return undefined
  const table = netns.rulesets.find(r => r.file === end.file)?.tables.find(t => t.name === 'nat')
  const later = table?.chains
    .find(c => c.name === end.chain)
    ?.rules.slice(end.number)
    .find(r => HIDES.test(r.text) || verdictOf(end) === 'ACCEPT')
  if (!later && !table?.chains.some(c => c.rules.some(r => HIDES.test(r.text)))) return undefined
  return {
    id: 'masquerade-after-accept',
    why: `rule ${end.number} of nat ${end.chain} ends the walk with ${verdictOf(end)} before any rule that masquerades`,
    where: whereRule(netns, end.file, end),
    evidence: [end.seq],
    see: seeChain(netns, end),
    cures: [takeAway(name, end), ...masqueradeHere(inquiry, name)],
  }
}

const verdictOf = (e: EventOf<'rule'> | EventOf<'return'>): string =>
  e.kind === 'return' ? 'RETURN' : e.verdict

function noRule(inquiry: Inquiry, name: string): NoMasquerade {
  const netns = inquiry.netns(name)
  const to = inquiry.destination
  const { rule } = to ?? {}
  const service = netns.ipvs?.services.find(s => s.id.kind === 'address' && s.id.address === inquiry.flow.dst)
  const where = rule
    ? whereDecided(netns, rule)
    : service
      ? whereIpvs(netns, `${inquiry.flow.dst}:${inquiry.flow.dport}`, service.line)
      : undefined
  return {
    id: 'no-masquerade',
    why: `nothing on ${name} masquerades it: no nat POSTROUTING rule hides the client behind the node`,
    ...(where ? { where } : {}),
    evidence: to ? [to.seq] : [],
    see: inside(netns, `${toolOf(inquiry.family)} -t nat -S POSTROUTING`),
    cures: masqueradeHere(inquiry, name),
  }
}
