import { toolOf } from '../../values/tool.js'
import type { Chain, Rule, Ruleset, Table } from '../../model/ruleset.js'
import type { Netns, Snapshot } from '../../model/snapshot.js'
import { namespacesOf } from '../../snapshot/names.js'
import type { Finding, Where } from '../../talk/conversation.js'
import { inside, whereRule } from '../where.js'

/** A chain and what it belongs to. */
export interface ChainSpot {
  readonly netns: Netns
  readonly ruleset: Ruleset
  readonly table: Table
  readonly chain: Chain
}

export function* chainsOf(snapshot: Snapshot, only?: string): Generator<ChainSpot> {
  for (const netns of namespacesOf(snapshot))
    for (const ruleset of netns.rulesets)
      for (const table of ruleset.tables)
        if (only === undefined || table.name === only)
          for (const chain of table.chains) yield { netns, ruleset, table, chain }
}

/** Names of the chains that packets can come to: built-in ones, and what they lead to. */
export const reached = (table: Table): Set<string> =>
  leadsTo(table, ...table.chains.filter(c => c.policy !== undefined).map(c => c.name))

/** Names of the chains that some chains lead to, themselves included. */
export function leadsTo(table: Table, ...from: readonly string[]): Set<string> {
  const byName = new Map(table.chains.map(chain => [chain.name, chain]))
  const seen = new Set(from)
  const todo = [...from]
  for (let name = todo.pop(); name !== undefined; name = todo.pop())
    for (const rule of byName.get(name)?.rules ?? [])
      if ('chain' in rule.jump && !seen.has(rule.jump.chain)) {
        seen.add(rule.jump.chain)
        todo.push(rule.jump.chain)
      }
  return seen
}

export const toolFor = ({ ruleset }: ChainSpot): string =>
  `${toolOf(ruleset.family)}${ruleset.file.includes('legacy') ? '-legacy' : ''}`

/** A finding about a rule of a chain. */
export const aboutRule = (
  id: string,
  severity: Finding['severity'],
  spot: ChainSpot,
  rule: Rule,
  says: string,
): Finding => ({
  id,
  severity,
  says,
  where: whereRule(spot.netns, spot.ruleset.file, rule),
  evidence: [],
  see: inside(spot.netns, `${toolFor(spot)} -t ${spot.table.name} -S ${spot.chain.name}`),
})

export const about = (
  id: string,
  severity: Finding['severity'],
  says: string,
  where: Where | undefined,
  see: string,
): Finding => ({ id, severity, says, ...(where ? { where } : {}), evidence: [], see })
