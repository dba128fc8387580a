import { assume, type Here, note } from '../run/here.js'
import { packetSummary } from '../skb/packet-summary.js'
import { remark } from '../skb/rewrite.js'
import { connectionOf, type Skb } from '../skb/skb.js'
import type { TraceVerdict } from '../trace/events.js'
import type { Bits } from '../values/ip.js'
import { compareKernels } from '../values/kernel.js'
import type { ExtensionUse } from '../model/ruleset.js'
import type { CompiledChain, CompiledRule } from './compile.js'
import { and, type Outcome, type RuleEnv, type Truth } from './extension.js'
import { asSeen, explainHeader } from './header-match.js'
import { findTarget } from './registry.js'
import type { TableResult, TableRun } from './run-table.js'

/** What a rule asks of the walk through its table. */
export type Move =
  | { readonly to: 'next rule' | 'caller' }
  | { readonly to: 'chain'; readonly chain: CompiledChain; readonly comesBack: boolean }
  | { readonly to: 'end'; readonly result: TableResult }

const NEXT: Move = { to: 'next rule' }
const CALLER: Move = { to: 'caller' }
const end = (result: TableResult): Move => ({ to: 'end', result })

/** Addresses of the packet as words, so that a thousand rules compare numbers. */
export interface PacketBits {
  readonly src: Bits
  readonly dst: Bits
}

/** Does the packet match, every part of the rule asked in order? A doubt is put to the chooser. */
export function fits(
  run: TableRun,
  chain: CompiledChain,
  c: CompiledRule,
  skb: Skb,
  bits: PacketBits,
): boolean {
  const matched = test(run, chain, c, skb, bits)
  if (matched !== 'unknown') return matched
  const { here, env } = run
  const at = `${here.space.name} ${env.table}:${chain.chain.name}:${c.number} can't be decided`
  return here.run.choose(here.trace, here.space.name, at, ['it does not match', 'it matches'], true) === 1
}

/** Header first, then the matches in order, up to the first that fails. */
function test(run: TableRun, chain: CompiledChain, c: CompiledRule, skb: Skb, bits: PacketBits): Truth {
  const { env } = run
  if (!c.header(skb.packet, bits.src, bits.dst, env.in, env.out)) {
    tried(run, chain, c, () => explainHeader(c.rule.header, asSeen(skb.packet, env.backend), env.in, env.out))
    return false
  }
  if (c.matches.length === 0) return true
  const ruleEnv: RuleEnv = { ...env, skb, rule: c.rule }
  let is: Truth = true
  for (const m of c.matches) {
    const answer: Truth = m.use.known && m.extension ? m.extension.match(ruleEnv, m.use.args) : 'unknown'
    if (answer === true) continue
    const because = () => (m.use.known ? (m.extension?.because(ruleEnv, m.use.args) ?? '') : m.use.why)
    if (answer === false) {
      tried(run, chain, c, because)
      return false
    }
    is = and(is, answer)
    assume(run.here, `-m ${m.use.name} in «${c.rule.text}» can't be decided`, because())
  }
  return is
}

/** Rules that were tried in vain are told only to those who asked for everything. */
function tried(run: TableRun, chain: CompiledChain, c: CompiledRule, because: () => string): void {
  if (run.here.run.trail.full)
    note(run.here, { kind: 'tried', ...placeOf(run, chain, c), because: because() })
}

const placeOf = (run: TableRun, chain: CompiledChain, c: CompiledRule) => ({
  hook: run.env.hook,
  table: run.env.table,
  chain: chain.chain.name,
  number: c.number,
  text: c.rule.text,
})

/** Where a rule leads, and the packet as it leaves it. */
interface Done {
  readonly move: Move
  readonly skb: Skb
}

/** Carries out a rule that matched, with the event that the kernel's TRACE would print for it. */
export function carryOut(run: TableRun, chain: CompiledChain, c: CompiledRule, skb: Skb): Done {
  const { here, env } = run
  const name = `rule ${c.number} of ${env.table} ${chain.chain.name}`
  const event = (verdict: TraceVerdict, jump?: string) =>
    note(here, {
      kind: 'rule',
      ...placeOf(run, chain, c),
      verdict,
      ...(jump === undefined ? {} : { jump }),
      file: run.file,
      line: c.rule.line,
      packet: packetSummary(skb.packet),
    })
  const { jump, text } = c.rule
  switch (jump.kind) {
    case 'none':
      event('CONTINUE')
      return { move: NEXT, skb }
    case 'jump':
    case 'goto': {
      event(jump.kind === 'jump' ? 'JUMP' : 'GOTO', jump.chain)
      const to = run.table.chain(jump.chain)
      if (to) return { move: { to: 'chain', chain: to, comesBack: jump.kind === 'jump' }, skb }
      return {
        move: end({
          verdict: 'UNKNOWN',
          skb,
          because: `${name} jumps to ${jump.chain}, which the dump does not hold`,
        }),
        skb,
      }
    }
    case 'verdict':
      if (jump.verdict === 'RETURN' && !tracesReturn(run))
        note(here, { kind: 'return', ...placeOf(run, chain, c), file: run.file, line: c.rule.line })
      else event(jump.verdict)
      return { move: verdict(jump.verdict, skb, `${name} says ${jump.verdict}: ${text}`), skb }
    case 'target':
      return byTarget(run, c, skb, jump.target, { name, event })
  }
}

/** A rule that matched, as the walk speaks of it, and how to tell that it was hit. */
interface Hit {
  readonly name: string
  readonly event: (verdict: TraceVerdict) => void
}

/** What the target of a rule that matched does with the packet. */
function byTarget(run: TableRun, c: CompiledRule, skb: Skb, use: ExtensionUse, { name, event }: Hit): Done {
  const { text } = c.rule
  if (isUnread(run, use)) {
    const because = `${name} could not be read: ${use.why}`
    return { move: end({ verdict: 'UNKNOWN', skb, because }), skb }
  }
  const outcome = act(run, c, skb, use)
  switch (outcome.kind) {
    case 'continue':
      event('CONTINUE')
      if (outcome.copy) run.duplicate(skb, outcome.copy)
      return { move: NEXT, skb: outcome.skb ? changed(skb, outcome.skb, use.name, run.here) : skb }
    case 'verdict': {
      event(outcome.verdict)
      const after = outcome.skb ?? skb
      const because = outcome.because ?? `${name} says ${outcome.verdict}: ${text}`
      return { move: verdict(outcome.verdict, after, because), skb: after }
    }
    case 'nat': {
      event('ACCEPT')
      const bound = run.bind(skb, outcome, `${name}: ${text}`)
      const because = bound.because ?? `${name} could not translate`
      return { move: end(bound.ok ? { verdict: 'ACCEPT', skb } : { verdict: 'DROP', skb, because }), skb }
    }
    case 'reject': {
      event('DROP')
      const because = `${name} rejects: ${text}`
      return {
        move: end({ verdict: 'DROP', skb: outcome.skb ?? skb, because, reject: outcome.how }),
        skb,
      }
    }
    case 'unknown': {
      event('CONTINUE')
      const { here } = run
      const at = `${here.space.name} ${name}: ${outcome.because}`
      const options = ['the packet goes on', 'the packet is dropped']
      const dropped = here.run.choose(here.trace, here.space.name, at, options, true) === 1
      const because = `${name}: ${outcome.because}; supposed to drop`
      return { move: dropped ? end({ verdict: 'DROP', skb, because }) : NEXT, skb }
    }
  }
}

function verdict(v: 'ACCEPT' | 'DROP' | 'QUEUE' | 'RETURN', skb: Skb, because: string): Move {
  switch (v) {
    case 'RETURN':
      return CALLER
    case 'ACCEPT':
      return end({ verdict: v, skb })
    case 'DROP':
      return end({ verdict: v, skb, because })
    case 'QUEUE':
      return end({
        verdict: v,
        skb,
        because: `${because}; what the program behind the queue decides is not known`,
      })
  }
}

/**
 * nft's trace reports a RETURN rule as `return`, not as `rule`, up to some kernel between 6.1 (seen so) and 6.18 (seen
 * otherwise); the line is drawn at 6.4, where nf_tables_trace.c was rewritten. Legacy x_tables always reports it.
 */
const tracesReturn = (run: TableRun): boolean =>
  run.env.backend === 'legacy' || compareKernels(run.here.run.world.snapshot.kernel, '6.4') >= 0

/** A target that nfsim knows, in a rule that could not be read: it may do anything, as translate the packet. */
const isUnread = (run: TableRun, use: ExtensionUse): use is ExtensionUse & { known: false } =>
  !use.known && (use.name === '?' || findTarget(use.name, run.env.family) !== undefined)

function act(run: TableRun, c: CompiledRule, skb: Skb, use: ExtensionUse): Outcome {
  if (!use.known) return { kind: 'unknown', because: use.why }
  if (!c.target) return { kind: 'unknown', because: `the effect of ${use.name} is not known` }
  const entry = connectionOf(skb)
  const markBefore = entry?.mark
  const outcome = c.target.act({ ...run.env, skb, rule: c.rule }, use.args)
  if (entry && markBefore !== undefined && entry.mark !== markBefore)
    note(run.here, { kind: 'mark', what: 'connection', from: markBefore, to: entry.mark, by: use.name })
  return outcome
}

/** A target has given back another skb: what changed becomes events. */
function changed(before: Skb, after: Skb, by: string, here: Here): Skb {
  if (after.mark !== before.mark) remark(before, after.mark, by, here)
  for (const field of ['ttl', 'tos'] as const) {
    const [from, to] = [before.packet[field], after.packet[field]]
    if (from !== to) note(here, { kind: 'rewrite', field, from: String(from), to: String(to), by })
  }
  return after
}
