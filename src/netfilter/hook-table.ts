import { cached } from '../values/cached.js'
import type { ExtensionUse, Ruleset, Table } from '../model/ruleset.js'
import type { VirtualService } from '../model/ipvs.js'
import type { Netns } from '../model/snapshot.js'
import type { Family } from '../values/ip.js'
import { HOOKS, type Hook } from './hook.js'
import type { HookOp } from './hook-op.js'
import { conntrackOps } from './ops/conntrack.js'
import { ipvsOps } from './ops/ipvs.js'
import { natOps, tableOps } from './ops/tables.js'

type Ops = Readonly<Record<Hook, readonly HookOp[]>>

/** Extensions whose mere use makes a namespace track connections (nf_ct_netns_get() in their checkentry). */
const TRACKING = new Set([
  ...['conntrack', 'state', 'connmark', 'connbytes', 'connlabel', 'connlimit', 'helper', 'cluster'],
  ...[
    'CT',
    'CONNMARK',
    'CONNSECMARK',
    'DNAT',
    'SNAT',
    'MASQUERADE',
    'REDIRECT',
    'NETMAP',
    'SYNPROXY',
    'CLUSTERIP',
  ],
])
/** `CT --notrack` asks for nothing (xt_ct_tg_check()). */
const asksToTrack = (use: ExtensionUse): boolean =>
  TRACKING.has(use.name) && !(use.name === 'CT' && use.known && use.args.notrack !== undefined)

/** __ip_vs_update_dest() (ip_vs_ctl.c): what FTP says is mangled behind Masq, which needs the entry. */
const asksForFtp = ({ id, realServers }: VirtualService, family: Family): boolean =>
  id.kind === 'address' &&
  id.port === 21 &&
  id.address.includes(':') === (family === 'ipv6') &&
  realServers.some(r => r.method === 'Masq')

/**
 * Does this namespace track connections of a family: a rule that asks, IPVS for FTP, entries in the dump? Other IPVS
 * services do not make it, not even with net.ipv4.vs.conntrack 1 (asked of 6.1). A nat table without such a rule does not make it (asked of 6.18, both back ends).
 */
function tracks(netns: Netns, family: Family): boolean {
  return (
    netns.conntrack.some(line => line.original.src.includes(':') === (family === 'ipv6')) ||
    (netns.ipvs?.services.some(s => asksForFtp(s, family)) ?? false) ||
    netns.rulesets.some(
      rs =>
        rs.family === family &&
        rs.tables.some(t =>
          t.chains.some(c =>
            c.rules.some(
              r => r.matches.some(asksToTrack) || (r.jump.kind === 'target' && asksToTrack(r.jump.target)),
            ),
          ),
        ),
    )
  )
}

/** Sorts as nf_hook_entries_grow() does: by priority; of equals the one registered last runs first. */
function sorted(registered: readonly HookOp[]): Ops {
  const at = (hook: Hook) =>
    registered
      .filter(o => o.hook === hook)
      .toReversed()
      .sort((a, b) => a.priority - b.priority)
  return Object.fromEntries(HOOKS.map(hook => [hook, at(hook)])) as Record<Hook, HookOp[]>
}

function build(netns: Netns, family: Family): Ops {
  const rulesets = netns.rulesets.filter(rs => rs.family === family)
  const nat: { ruleset: Ruleset; table: Table }[] = []
  const ops: HookOp[] = []
  for (const ruleset of rulesets)
    for (const table of ruleset.tables) {
      if (table.name === 'nat') nat.push({ ruleset, table })
      else ops.push(...tableOps(ruleset, table))
    }
  if (tracks(netns, family)) ops.push(...conntrackOps)
  if (nat.length > 0) ops.push(...natOps(nat.toReversed()))
  if (netns.ipvs) ops.push(...ipvsOps)
  return sorted(ops)
}

const made = new WeakMap<Netns, Map<Family, Ops>>()

/** Who listens at a hook of a namespace, in the order in which they run. */
export const hooksAt = (netns: Netns, family: Family, hook: Hook): readonly HookOp[] =>
  cached(
    cached(made, netns, () => new Map<Family, Ops>()),
    family,
    () => build(netns, family),
  )[hook]

/** A row of `nfsim hooks`. */
export interface HookRow {
  readonly hook: Hook
  readonly priority: number
  readonly name: string
  readonly kernel: string
}

/** The hook table of a machine that has every table: what `nfsim hooks` prints. */
export function hookTable(): readonly HookRow[] {
  const tables: Table[] = Object.entries({
    raw: ['PREROUTING', 'OUTPUT'],
    mangle: HOOKS,
    nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
    filter: ['INPUT', 'FORWARD', 'OUTPUT'],
    security: ['INPUT', 'FORWARD', 'OUTPUT'],
  }).map(([name, chains]) => ({
    name,
    line: 0,
    chains: chains.map(c => ({ name: c, policy: 'ACCEPT' as const, rules: [], line: 0 })),
  }))
  const ruleset: Ruleset = { family: 'ipv4', backend: 'nft', file: '', tables }
  const ops = sorted([
    ...tables.flatMap(t => (t.name === 'nat' ? [] : tableOps(ruleset, t))),
    ...conntrackOps,
    ...ipvsOps,
    ...natOps(tables.filter(t => t.name === 'nat').map(table => ({ ruleset, table }))),
  ])
  return HOOKS.flatMap(hook =>
    ops[hook].map(({ priority, name, kernel }) => ({ hook, priority, name, kernel })),
  )
}
