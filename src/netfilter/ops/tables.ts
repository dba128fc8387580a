import type { Backend, Ruleset, Table } from '../../model/ruleset.js'
import { setupInfo } from '../../nat/setup-info.js'
import { type Consult, natHook } from '../../nat/nat-hook.js'
import { masqueradeAddress } from '../../nat/masquerade.js'
import { rerouteOutput } from '../../routing/reroute.js'
import { note } from '../../run/here.js'
import type { Skb } from '../../skb/skb.js'
import { compileTable } from '../../xtables/compile.js'
import { runTable, type TableResult } from '../../xtables/run-table.js'
import { HOOKS, type Hook } from '../hook.js'
import { accept, type HookOp, type HookResult, type HookState, op } from '../hook-op.js'
import { NF_IP_PRI, TABLE_PRIORITY } from '../priorities.js'
import { sendCopy } from '../send-copy.js'
import { sendReject } from '../reject.js'
import { ruleEnv } from '../rule-env.js'

function run(ruleset: Ruleset, table: Table, skb: Skb, state: HookState): TableResult {
  const { here } = state
  return runTable(
    {
      table: compileTable(table, ruleset.family, ruleset.backend),
      file: ruleset.file,
      env: ruleEnv(state, table.name, ruleset, skb),
      here,
      duplicate: (now, copy) => sendCopy(now, copy, state),
      bind(now, outcome, because) {
        if (now.ct?.kind !== 'tracked') return { ok: true }
        if (!outcome.masquerade) {
          setupInfo(now.ct.entry, outcome.range, outcome.manip, here, because)
          return { ok: true }
        }
        const address = masqueradeAddress(now, state)
        if (address === undefined)
          return { ok: false, because: `MASQUERADE finds no address on ${state.out ?? 'the way out'}` }
        setupInfo(
          now.ct.entry,
          { ...outcome.range, minAddress: address, maxAddress: address },
          'src',
          here,
          because,
        )
        if (state.out !== undefined) now.ct.entry.masqueradeDev = state.out
        return { ok: true }
      },
    },
    skb,
  )
}

/** A table's result as a hook's; a REJECT sends its error on the way. */
function asHookResult(result: TableResult, state: HookState): HookResult {
  switch (result.verdict) {
    case 'ACCEPT':
      return accept(result.skb)
    case 'DROP':
      if (result.reject) sendReject(result.skb, result.reject, state)
      return { verdict: 'DROP', reason: 'NETFILTER_DROP', because: result.because }
    case 'QUEUE':
    case 'UNKNOWN':
      return { verdict: 'UNKNOWN', because: result.because }
  }
}

/** The hook ops of one table other than nat: one for each of its built-in chains. */
export function tableOps(ruleset: Ruleset, table: Table): HookOp[] {
  const priority = TABLE_PRIORITY[table.name]
  if (priority === undefined) return []
  return chainsOf(table).map(hook =>
    op(
      label(table.name, ruleset.backend),
      hook,
      priority,
      ruleset.backend === 'nft' ? 'nft_do_chain' : 'ipt_do_table',
      (skb, state) => {
        const result = asHookResult(run(ruleset, table, skb, state), state)
        // ipt_mangle_out(), nf_route_table_hook4(): what mangle changes may ask for another way out
        if (table.name === 'mangle' && hook === 'OUTPUT' && result.verdict === 'ACCEPT')
          return reroute(skb, result.skb, state)
        return result
      },
    ),
  )
}

function reroute(before: Skb, after: Skb, state: HookState): HookResult {
  const same =
    before.mark === after.mark &&
    before.packet.src === after.packet.src &&
    before.packet.dst === after.packet.dst &&
    before.packet.tos === after.packet.tos
  return same ? accept(after) : rerouteOutput(after, state.here)
}

/**
 * nat is one op a hook whatever the number of tables behind it: the rules are consulted from inside, for the
 * first packet only (nf_nat_inet_fn()).
 */
export function natOps(tables: readonly { readonly ruleset: Ruleset; readonly table: Table }[]): HookOp[] {
  return (['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'] as const).map(hook => {
    const here = tables.filter(t => chainsOf(t.table).includes(hook))
    return op(
      'nat',
      hook,
      hook === 'PREROUTING' || hook === 'OUTPUT' ? NF_IP_PRI.NAT_DST : NF_IP_PRI.NAT_SRC,
      'nf_nat_inet_fn',
      (skb, state) => {
        const consult = here.map(
          ({ ruleset, table }): Consult =>
            now => {
              const result = run(ruleset, table, now, state)
              return result.verdict === 'ACCEPT'
                ? { verdict: 'ACCEPT', skb: result.skb }
                : { verdict: 'STOP', result: asHookResult(result, state) }
            },
        )
        const done = natHook(skb, hook, state.here, consult, state.out)
        if (done.verdict === 'STOP') return done.result as HookResult
        if (done.verdict === 'DROP')
          return { verdict: 'DROP', reason: 'NETFILTER_DROP', because: done.because }
        if (hook === 'OUTPUT') return afterNatOutput(done.skb, state)
        return accept(hook === 'PREROUTING' ? afterNatPrerouting(skb, done.skb) : done.skb)
      },
    )
  })
}

/** nf_nat_ipv4_pre_routing(): what came round the loop with a route must look for another one. */
function afterNatPrerouting(before: Skb, after: Skb): Skb {
  if (before.packet.dst === after.packet.dst) return after
  const { route: _, ...rest } = after
  return rest
}

/** nf_nat_ipv4_local_fn(): once the destination is another, the way out may be too. */
function afterNatOutput(skb: Skb, state: HookState): HookResult {
  if (skb.ct?.kind !== 'tracked') return accept(skb)
  const { entry, info } = skb.ct
  const [own, other] =
    info === 'ESTABLISHED_REPLY' || info === 'RELATED_REPLY'
      ? [entry.reply, entry.original]
      : [entry.original, entry.reply]
  if (own.dst.address === other.src.address) return accept(skb)
  note(state.here, {
    kind: 'route',
    to: skb.packet.dst,
    result: 'again',
    because: 'nat changed the destination: the way out is looked up again (ip_route_me_harder)',
  })
  return rerouteOutput(skb, state.here)
}

const chainsOf = (table: Table): Hook[] =>
  HOOKS.filter(hook => table.chains.some(c => c.name === hook && c.policy !== undefined))
const label = (table: string, backend: Backend): string =>
  backend === 'legacy' ? `${table} (legacy)` : table
