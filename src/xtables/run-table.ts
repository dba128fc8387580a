import type { ExtensionUse } from '../model/ruleset.js'
import type { TraceVerdict } from '../trace/events.js'
import { compareKernels } from '../values/kernel.js'
import { ipBits } from '../values/ip.js'
import { remark } from '../skb/rewrite.js'
import type { Skb } from '../skb/skb.js'
import { assume, type Here, note } from '../run/here.js'
import { packetSummary } from '../skb/packet-summary.js'
import type { CompiledChain, CompiledRule, CompiledTable } from './compile.js'
import { and, type Outcome, type RejectWith, type RuleEnv, type Truth } from './extension.js'
import { explainHeader } from './header-match.js'

/** What a table's run comes to. RETURN and JUMP cannot leave a table. */
export type TableResult =
  | { readonly verdict: 'ACCEPT'; readonly skb: Skb }
  | { readonly verdict: 'DROP'; readonly skb: Skb; readonly because: string; readonly reject?: RejectWith }
  | { readonly verdict: 'QUEUE'; readonly skb: Skb; readonly because: string }
  | { readonly verdict: 'UNKNOWN'; readonly skb: Skb; readonly because: string }

export interface TableRun {
  readonly table: CompiledTable
  readonly file: string
  readonly env: Omit<RuleEnv, 'skb' | 'rule'>
  readonly here: Here
  /** nf_nat_setup_info() for DNAT, SNAT and their kin. false: the packet must be dropped. */
  bind(
    skb: Skb,
    outcome: Extract<Outcome, { kind: 'nat' }>,
    because: string,
  ): { readonly ok: boolean; readonly because?: string }
}

/** Deeper than any real rule set; the tools refuse loops, a hand-made dump may hold one. */
const MAX_DEPTH = 512
const MAX_STEPS = 4_000_000

/** ipt_do_table() (net/ipv4/netfilter/ip_tables.c), nft_do_chain() for the nft back end: linear rules, explicit jump stack, policy. */
export function runTable(run: TableRun, skb: Skb): TableResult {
  const { here, env } = run
  const { hook } = env
  const table = env.table
  let now = skb
  let bits = { src: ipBits(now.packet.src), dst: ipBits(now.packet.dst) }
  const base = run.table.chain(hook)
  if (!base) return { verdict: 'ACCEPT', skb }
  const stack: { chain: CompiledChain; at: number }[] = []
  let chain: CompiledChain = base
  let at = 0
  for (let steps = 0; ; steps++) {
    if (steps > MAX_STEPS)
      return { verdict: 'UNKNOWN', skb: now, because: `the rules of ${table} loop without end` }
    const compiled = chain.rules[at]
    if (!compiled) {
      const caller = stack.pop()
      if (caller) {
        chain = caller.chain
        at = caller.at
        continue
      }
      return policy(run, now, base)
    }
    at++
    if (compiled.skip) continue
    const { rule } = compiled
    const matched = test(run, compiled, now, bits, chain)
    if (matched === false) continue
    if (matched === 'unknown') {
      const taken = here.run.choose(
        here.trace,
        here.space.name,
        `${table}:${chain.chain.name}:${compiled.number} can't be decided`,
        ['it does not match', 'it matches'],
        true,
      )
      if (taken === 0) continue
    }
    const event = (verdict: TraceVerdict, jump?: string) =>
      note(here, {
        kind: 'rule',
        hook,
        table,
        chain: chain.chain.name,
        number: compiled.number,
        text: rule.text,
        verdict,
        ...(jump === undefined ? {} : { jump }),
        file: run.file,
        line: rule.line,
        packet: packetSummary(now.packet),
      })
    const { jump } = rule
    switch (jump.kind) {
      case 'none':
        event('CONTINUE')
        continue
      case 'jump':
      case 'goto': {
        event(jump.kind === 'jump' ? 'JUMP' : 'GOTO', jump.chain)
        const next = run.table.chain(jump.chain)
        if (!next)
          return {
            verdict: 'UNKNOWN',
            skb: now,
            because: `${ruleName(table, chain, compiled)} jumps to ${jump.chain}, which the dump does not hold`,
          }
        if (jump.kind === 'jump') stack.push({ chain, at })
        if (stack.length > MAX_DEPTH)
          return {
            verdict: 'UNKNOWN',
            skb: now,
            because: `jumps in ${table} are nested deeper than ${MAX_DEPTH}: a loop`,
          }
        chain = next
        at = 0
        continue
      }
      case 'verdict': {
        if (jump.verdict === 'RETURN' && !tracesReturn(run)) {
          const { number } = compiled
          note(here, {
            kind: 'return',
            hook,
            table,
            chain: chain.chain.name,
            number,
            text: rule.text,
            file: run.file,
            line: rule.line,
          })
        } else event(jump.verdict)
        if (jump.verdict === 'RETURN') {
          const caller = stack.pop()
          if (!caller) return policy(run, now, base)
          chain = caller.chain
          at = caller.at
          continue
        }
        return ended(
          jump.verdict,
          now,
          `${ruleName(table, chain, compiled)} says ${jump.verdict}: ${rule.text}`,
        )
      }
      case 'target': {
        const outcome = act(run, compiled, now, jump.target)
        const name = ruleName(table, chain, compiled)
        switch (outcome.kind) {
          case 'continue':
            event('CONTINUE')
            if (outcome.skb) {
              now = changed(now, outcome.skb, jump.target.name, here)
              bits = { src: ipBits(now.packet.src), dst: ipBits(now.packet.dst) }
            }
            continue
          case 'verdict': {
            event(outcome.verdict)
            if (outcome.skb) now = outcome.skb
            if (outcome.verdict === 'RETURN') {
              const caller = stack.pop()
              if (!caller) return policy(run, now, base)
              chain = caller.chain
              at = caller.at
              continue
            }
            return ended(
              outcome.verdict,
              now,
              outcome.because ?? `${name} says ${outcome.verdict}: ${rule.text}`,
            )
          }
          case 'nat': {
            event('ACCEPT')
            const bound = run.bind(now, outcome, `${name}: ${rule.text}`)
            if (!bound.ok)
              return { verdict: 'DROP', skb: now, because: bound.because ?? `${name} could not translate` }
            return { verdict: 'ACCEPT', skb: now }
          }
          case 'reject':
            event('DROP')
            return {
              verdict: 'DROP',
              skb: now,
              because: `${name} rejects: ${rule.text}`,
              reject: outcome.how,
            }
          case 'unknown': {
            event('CONTINUE')
            const taken = here.run.choose(
              here.trace,
              here.space.name,
              `${name}: ${outcome.because}`,
              ['the packet goes on', 'the packet is dropped'],
              true,
            )
            if (taken === 1)
              return { verdict: 'DROP', skb: now, because: `${name}: ${outcome.because}; supposed to drop` }
            continue
          }
        }
      }
    }
  }
}

/**
 * nft's trace reports a RETURN rule as `return`, not as `rule`, up to some kernel between 6.1 (seen so) and 6.18 (seen
 * otherwise); the line is drawn at 6.4, where nf_tables_trace.c was rewritten. Legacy x_tables always reports it.
 */
const tracesReturn = (run: TableRun): boolean =>
  run.env.backend === 'legacy' || compareKernels(run.here.run.world.snapshot.kernel, '6.4') >= 0

const ruleName = (table: string, chain: CompiledChain, c: CompiledRule): string =>
  `rule ${c.number} of ${table} ${chain.chain.name}`

function ended(verdict: 'ACCEPT' | 'DROP' | 'QUEUE', skb: Skb, because: string): TableResult {
  if (verdict === 'ACCEPT') return { verdict, skb }
  return verdict === 'DROP'
    ? { verdict, skb, because }
    : { verdict, skb, because: `${because}; what the program behind the queue decides is not known` }
}

function policy(run: TableRun, skb: Skb, base: CompiledChain): TableResult {
  const verdict = base.chain.policy === 'DROP' ? 'DROP' : 'ACCEPT'
  note(run.here, {
    kind: 'policy',
    hook: run.env.hook,
    table: run.env.table,
    chain: base.chain.name,
    verdict,
    file: run.file,
    line: base.chain.line,
    packet: packetSummary(skb.packet),
  })
  return verdict === 'ACCEPT'
    ? { verdict, skb }
    : { verdict, skb, because: `the policy of ${run.env.table} ${base.chain.name} is DROP` }
}

/** Header first, then the matches in order, up to the first that fails. */
function test(
  run: TableRun,
  c: CompiledRule,
  skb: Skb,
  bits: { src: readonly number[]; dst: readonly number[] },
  chain: CompiledChain,
): Truth {
  const { env } = run
  if (!c.header(skb.packet, bits.src, bits.dst, env.in, env.out)) {
    tried(run, c, chain, () => explainHeader(c.rule.header, skb.packet, env.in, env.out))
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
      tried(run, c, chain, because)
      return false
    }
    is = and(is, answer)
    assume(run.here, `-m ${m.use.name} in «${c.rule.text}» can't be decided`, because())
  }
  return is
}

function tried(run: TableRun, c: CompiledRule, chain: CompiledChain, because: () => string): void {
  if (!run.here.run.trail.full) return
  note(run.here, {
    kind: 'tried',
    hook: run.env.hook,
    table: run.env.table,
    chain: chain.chain.name,
    number: c.number,
    text: c.rule.text,
    because: because(),
  })
}

function act(run: TableRun, c: CompiledRule, skb: Skb, use: ExtensionUse): Outcome {
  if (!use.known) return { kind: 'unknown', because: use.why }
  if (!c.target) return { kind: 'unknown', because: `the effect of ${use.name} is not known` }
  const entry = skb.ct?.kind === 'tracked' ? skb.ct.entry : undefined
  const markBefore = entry?.mark
  const outcome = c.target.act({ ...run.env, skb, rule: c.rule }, use.args)
  if (entry && markBefore !== undefined && entry.mark !== markBefore)
    note(run.here, { kind: 'mark', what: 'connection', from: markBefore, to: entry.mark, by: use.name })
  return outcome
}

/** A target has given back another skb: what changed becomes events. */
function changed(before: Skb, after: Skb, by: string, here: Here): Skb {
  if (after.mark !== before.mark) remark(before, after.mark, by, here)
  for (const field of ['ttl', 'tos'] as const)
    if (before.packet[field] !== after.packet[field])
      note(here, {
        kind: 'rewrite',
        field,
        from: String(before.packet[field]),
        to: String(after.packet[field]),
        by,
      })
  return after
}
