import { toolOf } from '../values/tool.js'
import type { Rule, Ruleset, Table } from '../model/ruleset.js'
import type { Netns, Snapshot } from '../model/snapshot.js'
import { inputError } from '../parse/problems.js'
import { namespacesOf } from '../snapshot/names.js'
import { findNetns } from '../snapshot/wires.js'
import { printRule } from '../xtables/print-rule.js'
import { commandEdit } from './commands.js'
import type { Edit } from './edit.js'
import { rulesCommand } from './edits/rules.js'

/** A rule and where it stands. */
export interface RuleSpot {
  readonly netns: Netns
  readonly ruleset: Ruleset
  readonly table: Table
  readonly chain: string
  /** From 1, as TRACE and `iptables -L --line-numbers` count. */
  readonly number: number
  readonly rule: Rule
}

/** Every rule of a snapshot, namespace by namespace. */
export function* rulesOf(snapshot: Snapshot): Generator<RuleSpot> {
  for (const netns of namespacesOf(snapshot))
    for (const ruleset of netns.rulesets)
      for (const table of ruleset.tables)
        for (const chain of table.chains)
          for (const [i, rule] of chain.rules.entries())
            yield { netns, ruleset, table, chain: chain.name, number: i + 1, rule }
}

const tidy = (text: string): string => text.trim().replace(/\s+/g, ' ')

/**
 * Finds rules by name (`nat:PREROUTING:3`, `n1:nat:PREROUTING:3`), or by their text, whole or a part of it that
 * one rule alone has (on however many nodes). @throws InputError if none is meant, or too many
 */
export function findRules(snapshot: Snapshot, asked: string): RuleSpot[] {
  const named = /^(?:([^:\s]+):)?(raw|mangle|nat|filter|security):([^:\s]+):(\d{1,7})$/.exec(asked.trim())
  if (named) {
    const [, on, table, chain, number] = named
    const netns = on === undefined ? undefined : findNetns(namespacesOf(snapshot), on)
    if (on !== undefined && !netns) throw inputError(asked, `no node or pod is called ${on}`)
    const found = [...rulesOf(snapshot)].filter(
      spot =>
        spot.table.name === table &&
        spot.chain === chain &&
        spot.number === Number(number) &&
        (netns ? spot.netns.name === netns.name : spot.netns.isHost),
    )
    if (found.length > 0) return found
    throw inputError(asked, `there is no rule ${number} in chain ${chain} of table ${table}`)
  }
  const parts = /^(?:-t (\S+) )?(.*)$/s.exec(tidy(asked))!
  const [, onlyTable, text = ''] = parts
  const all = [...rulesOf(snapshot)].filter(s => onlyTable === undefined || s.table.name === onlyTable)
  const exact = all.filter(s => tidy(s.rule.text) === text || printRule(s.rule, s.chain, s.ruleset) === text)
  if (exact.length > 0) return exact
  const part = text === '' ? [] : all.filter(s => tidy(s.rule.text).includes(text))
  if (new Set(part.map(s => s.rule.text)).size === 1) return part
  throw inputError(
    asked.slice(0, 80),
    part.length === 0
      ? 'no rule is called so: expected TABLE:CHAIN:NUMBER, or the text of a rule'
      : `${part.length} rules have this text, the first are ${part
          .slice(0, 3)
          .map(s => `${s.netns.name}:${s.table.name}:${s.chain}:${s.number}`)
          .join(', ')}`,
  )
}

/**
 * `--without RULE`: the edits that take a rule away, or all that are written alike. The last one of a chain goes
 * first, so that the numbers hold. @throws InputError if no rule is meant, or too many
 */
export const withoutRule = (snapshot: Snapshot, asked: string): Edit[] =>
  findRules(snapshot, asked)
    .toReversed()
    .map(spot => removal(spot))

/** The edit that takes one rule away, by its place. */
export function removal(spot: RuleSpot): Edit {
  const { netns, ruleset, table, chain, number } = spot
  const both = netns.rulesets.filter(r => r.family === ruleset.family).length > 1
  const choice = { family: ruleset.family, ...(both ? { backend: ruleset.backend } : {}) }
  const tool = `${toolOf(ruleset.family)}${both ? `-${ruleset.backend}` : ''}`
  const place = { file: 'rule', line: 0, source: '' }
  const command = rulesCommand(table.name, [{ text: `-D ${chain} ${number}`, place }], choice)
  const text = printRule(spot.rule, chain, ruleset)
  const rules = table.chains.find(c => c.name === chain)?.rules ?? []
  // -D with a whole rule takes the first that is written so
  const first = rules.findIndex(rule => printRule(rule, chain, ruleset) === text) === number - 1
  const words = first ? text.replace(/^-A/, '-D') : `-D ${chain} ${number}`
  return commandEdit(command, `${tool} -t ${table.name} ${words}`, netns.name, place)
}
