import { type Here, note } from '../run/here.js'
import { packetSummary } from '../skb/packet-summary.js'
import type { Skb } from '../skb/skb.js'
import { ipBits } from '../values/ip.js'
import type { CompiledChain, CompiledTable } from './compile.js'
import type { Outcome, PacketCopy, RejectWith, RuleEnv } from './extension.js'
import { carryOut, fits, type PacketBits } from './run-rule.js'

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
  /** nf_dup_ipv4(), nf_dup_ipv6(): sends a copy on its way. */
  duplicate(skb: Skb, copy: PacketCopy): void
  /** nf_nat_setup_info() for DNAT, SNAT and their kin. Not ok: the packet must be dropped. */
  bind(
    skb: Skb,
    outcome: Extract<Outcome, { kind: 'nat' }>,
    because: string,
  ): { readonly ok: boolean; readonly because?: string }
}

/** Deeper than any real rule set; the tools refuse loops, a hand-made dump may hold one. */
const MAX_DEPTH = 512
const MAX_STEPS = 4_000_000
/** Chains that one packet enters in a table; a goto in a circle does not nest. */
const MAX_CHAINS = 100_000

/**
 * ipt_do_table() (net/ipv4/netfilter/ip_tables.c), nft_do_chain() for the nft back end: rules in a row, an explicit
 * jump stack, and the policy where the built-in chain ends.
 */
export function runTable(run: TableRun, skb: Skb): TableResult {
  const base = run.table.chain(run.env.hook)
  if (!base) return { verdict: 'ACCEPT', skb }
  const loops = (because: string): TableResult => ({ verdict: 'UNKNOWN', skb, because })
  const callers: { readonly chain: CompiledChain; readonly at: number }[] = []
  let here: { chain: CompiledChain; at: number } = { chain: base, at: 0 }
  let entered = 0
  let now = skb
  let bits = bitsOf(now)
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const rule = here.chain.rules[here.at]
    if (!rule) {
      const caller = callers.pop()
      if (!caller) return policy(run, now, base)
      here = { ...caller }
      continue
    }
    here.at++
    if (rule.skip || !fits(run, here.chain, rule, now, bits)) continue
    const { move, skb: after } = carryOut(run, here.chain, rule, now)
    if (after !== now) bits = bitsOf(after)
    now = after
    switch (move.to) {
      case 'next rule':
        break
      case 'caller':
        // the end of the chain, reached early
        here.at = here.chain.rules.length
        break
      case 'chain':
        if (move.comesBack) callers.push(here)
        if (callers.length > MAX_DEPTH)
          return loops(`jumps in ${run.env.table} are nested deeper than ${MAX_DEPTH}: a loop`)
        if (++entered > MAX_CHAINS)
          return loops(`more than ${MAX_CHAINS} chains of ${run.env.table} are entered: a loop`)
        here = { chain: move.chain, at: 0 }
        break
      case 'end':
        return move.result
    }
  }
  return loops(`the rules of ${run.env.table} loop without end`)
}

const bitsOf = ({ packet }: Skb): PacketBits => ({ src: ipBits(packet.src), dst: ipBits(packet.dst) })

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
