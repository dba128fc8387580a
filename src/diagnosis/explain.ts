import { allOf, firstOf } from './events.js'
import type { Snapshot } from '../model/snapshot.js'
import type { Conversation } from '../talk/conversation.js'
import { converse } from '../talk/converse.js'
import type { PacketTrace, TraceEvent } from '../trace/events.js'
import { findRules, type RuleSpot } from '../whatif/without.js'
import { describeMaker } from './provenance.js'

/** What a rule has to do with a conversation. */
export interface Explanation {
  /** `node:filter:FORWARD:3`. */
  readonly rule: string
  readonly text: string
  readonly file: string
  readonly line: number
  readonly maker?: string
  /** It matched; it was asked and said no; no packet ever came to it. */
  readonly part: 'matched' | 'tried' | 'never-reached'
  readonly says: string
  /** Running numbers of events, where the trace at full zoom has them. */
  readonly evidence: readonly number[]
}

/**
 * Would this rule ever match this conversation, and if not, why? A rule is named as `nat:PREROUTING:3` or by its text.
 * @throws InputError if no rule is meant
 */
export function explain(talk: Conversation, snapshot: Snapshot, asked: string): Explanation[] {
  const choose = talk.choices.map(choice => choice.taken)
  const full = converse(snapshot, talk.flow, { choose, full: true })
  return findRules(snapshot, asked).map(spot => explainOne(spot, full))
}

type Asked = Extract<TraceEvent, { kind: 'rule' | 'tried' | 'return' }>

function explainOne(spot: RuleSpot, talk: Conversation): Explanation {
  const { netns, table, chain, number, rule, ruleset } = spot
  const is = (e: TraceEvent): e is Asked =>
    (e.kind === 'rule' || e.kind === 'tried' || e.kind === 'return') &&
    e.netns === netns.name &&
    e.table === table.name &&
    e.chain === chain &&
    e.number === number &&
    e.text === rule.text
  const met = talk.packets.flatMap(packet => packet.events.filter(is).map(event => ({ packet, event })))
  const matched = met.filter(({ event }) => event.kind !== 'tried')
  const maker = describeMaker({ table: table.name, chain, text: rule.text })
  const base = {
    rule: `${netns.name}:${table.name}:${chain}:${number}`,
    text: rule.text,
    file: ruleset.file,
    line: rule.line,
    ...(maker === '' ? {} : { maker }),
  }
  if (matched.length > 0)
    return {
      ...base,
      part: 'matched',
      says: `it matches ${packets(matched)}${verdictOf(matched[0]!.event)}`,
      evidence: matched.map(({ event }) => event.seq),
    }
  const [first] = met
  if (first && first.event.kind === 'tried')
    return {
      ...base,
      part: 'tried',
      says: `innocent: it is asked about ${packets(met)} and does not match: ${first.event.because}`,
      evidence: met.map(({ event }) => event.seq),
    }
  return { ...base, part: 'never-reached', says: `innocent: ${whyNever(spot, talk)}`, evidence: [] }
}

const verdictOf = (event: Asked): string => (event.kind === 'rule' ? ` (${event.verdict})` : '')

function packets(met: readonly { packet: PacketTrace }[]): string {
  const numbers = [...new Set(met.map(({ packet }) => packet.index + 1))]
  return `packet${numbers.length === 1 ? '' : 's'} ${numbers.slice(0, 6).join(', ')}${numbers.length > 6 ? ' …' : ''}`
}

/** No packet came to the rule: because none passes there, nobody calls its chain, or the walk ended before it. */
function whyNever({ netns, table, chain, number, ruleset }: RuleSpot, talk: Conversation): string {
  const events = talk.packets.flatMap(packet => packet.events).filter(e => e.netns === netns.name)
  if (events.length === 0) return `no packet of this conversation passes ${netns.name}`
  const inTable = events.filter(
    (e): e is Extract<TraceEvent, { kind: 'rule' | 'policy' }> =>
      (e.kind === 'rule' || e.kind === 'policy') && e.table === table.name && e.file === ruleset.file,
  )
  const called = callersOf(table, chain)
  const roots = called.filter(name => table.chains.some(c => c.name === name && c.policy !== undefined))
  if (roots.length === 0)
    return `nothing calls its chain ${chain}: no built-in chain of ${table.name} leads there`
  const skipped = firstOf(events, 'table-skipped', e => e.table === table.name)
  const hooks = new Set(allOf(events, 'hook').map(e => e.hook as string))
  if (!roots.some(root => hooks.has(root))) {
    const seen = firstOf(events, 'hook-skipped')
    return `its way in is ${roots.join(' or ')}, and no packet of this conversation passes ${roots.length > 1 ? 'these hooks' : 'that hook'} on ${netns.name}${seen ? ` (${seen.because})` : ''}`
  }
  const ends = (e: (typeof inTable)[number]): boolean =>
    e.kind === 'rule' &&
    (e.verdict === 'ACCEPT' || e.verdict === 'DROP' || (e.verdict === 'RETURN' && e.chain === chain))
  const end =
    inTable.findLast(e => roots.includes(e.hook) && e.chain === chain && ends(e)) ??
    inTable.find(e => roots.includes(e.hook) && ends(e))
  if (end?.kind === 'rule')
    return `rule ${end.number} of ${end.table} ${end.chain} (${end.verdict}) ends the walk before it: ${end.text}`
  if (inTable.length === 0 && skipped) return `${table.name} is not asked: ${skipped.because}`
  const own = table.chains.find(c => c.name === chain)
  return own && own.policy === undefined
    ? `no rule that leads to its chain ${chain} matches`
    : `rule ${number} of ${chain} is not reached`
}

function callersOf(table: RuleSpot['table'], chain: string): string[] {
  const reach = new Set([chain])
  for (let size = 0; size < reach.size; ) {
    size = reach.size
    for (const c of table.chains)
      if (!reach.has(c.name) && c.rules.some(r => 'chain' in r.jump && reach.has(r.jump.chain)))
        reach.add(c.name)
  }
  return [...reach]
}
