import { toolOf } from '../../values/tool.js'
import type { Backend, Chain, Rule, Ruleset, Table } from '../../model/ruleset.js'
import type { Netns } from '../../model/snapshot.js'
import { parse } from '../../parse/generated/iptables-save.js'
import { InputError, inputError, problemAt } from '../../parse/problems.js'
import { takeCommand } from '../../parse/restore/command.js'
import { misplacedRule } from '../../parse/restore/hook-check.js'
import type { LineNode } from '../../parse/restore/nodes.js'
import {
  addUserChain,
  builtinsOf,
  isTable,
  type OpenTable,
  tableNames,
} from '../../parse/restore/open-table.js'
import { whyNot } from '../../parse/syntax.js'
import type { Family } from '../../values/ip.js'
import { printRule } from '../../xtables/print-rule.js'
import type { Change, Command, CommandPlace, NetnsPlan } from '../edit.js'

/** Which rule set a command is about; without a back end, the one that plain `iptables` reaches. */
export interface RulesetChoice {
  readonly family: Family
  readonly backend?: Backend
}

/** A line for a table, as `iptables-restore` takes it: `-I FORWARD 1 …`, `:CHAIN - [0:0]`. */
export interface TableLine {
  readonly text: string
  readonly place: CommandPlace
}

/** Carries out lines of one table, as `iptables-restore --noflush` does. @throws InputError */
export function rulesCommand(table: string, lines: readonly TableLine[], choice: RulesetChoice): Command {
  const [first] = lines
  if (first && !isTable(table)) throw at(first.place, `unknown table ${table}; there are ${tableNames()}`)
  return netns => tablePlan(netns, table, lines, choice)
}

const at = (place: CommandPlace, message: string, column = 1): InputError =>
  new InputError([problemAt({ file: place.file, line: place.line, column }, message, place.source)])

/** Index of the rule set that a tool reaches: its own back end's, else the first of the family. */
function rulesetIndex(netns: Netns, { family, backend }: RulesetChoice): number {
  return netns.rulesets.findIndex(r => r.family === family && (backend ?? r.backend) === r.backend)
}

const EMPTY = (table: string): Table => ({
  name: table,
  line: 0,
  chains: builtinsOf(table).map(name => ({ name, policy: 'ACCEPT', rules: [], line: 0 })),
})

function tablePlan(
  netns: Netns,
  name: string,
  lines: readonly TableLine[],
  choice: RulesetChoice,
): NetnsPlan {
  const { family } = choice
  const r = rulesetIndex(netns, choice)
  const ruleset = netns.rulesets[r]
  const t = ruleset ? ruleset.tables.findIndex(table => table.name === name) : -1
  const before = ruleset?.tables[t] ?? EMPTY(name)
  const backend = ruleset?.backend ?? choice.backend ?? 'nft'
  const open = reopened(before, lines)
  for (const { text, place } of lines) takeLine(open, text, place, { family, backend })
  const misplaced = misplacedRule(open, { family, backend })
  const last = lines.at(-1)
  if (misplaced !== undefined && last) throw at({ ...last.place, source: last.text }, misplaced, 1)
  const after = closed(open, before, family)
  const tool = `${toolOf(family)}${choice.backend ? `-${choice.backend}` : ''}`
  return {
    changes: changesOf(netns, before, after, { r, t, family, backend }),
    undo: undoCommands(before, after, family, `${tool} -t ${name}`),
  }
}

function takeLine(
  open: OpenTable,
  text: string,
  place: CommandPlace,
  context: { readonly family: Family; readonly backend: Backend },
): void {
  const node = (parse(`${text}\n`, { startRule: 'Chunk', peg$silentFails: 1 }) as readonly LineNode[])[0]
  if (!node || node.kind === 'bad') {
    const why = whyNot(() => parse(text, { startRule: 'Line' }), text)
    throw at({ ...place, source: text }, why.message, why.column)
  }
  if (node.kind === 'chain') {
    const chain = open.chains.get(node.name)
    // as --noflush has it: a chain that is declared again is emptied, a built-in one keeps its rules
    if (chain?.policy !== undefined) {
      if (node.policy === 'ACCEPT' || node.policy === 'DROP') chain.policy = node.policy
    } else if (chain) chain.rules = []
    else addUserChain(open, node.name, 0)
    return
  }
  if (node.kind !== 'rule') return
  const problems = takeCommand(open, node, 0, { file: place.file, keepUnread: false, ...context })
  const wrong = problems?.find(p => p.severity === 'error')
  if (wrong) throw at({ ...place, source: text }, wrong.message, wrong.column)
}

/**
 * A table as it stands, open for commands; its rules are the old objects. Only chains that a command names are
 * copied, because only these are written to in place: a cluster has tens of thousands.
 */
function reopened(table: Table, lines: readonly TableLine[]): OpenTable {
  const named = new Set(lines.flatMap(line => line.text.split(/[\s"'=]+/)))
  const chains: OpenTable['chains'] = new Map()
  const user = new Set<string>()
  for (const { name, policy, counters, rules, line } of table.chains) {
    if (policy === undefined) user.add(name)
    chains.set(name, {
      name,
      line,
      ...(policy === undefined ? {} : { policy }),
      ...(counters ? { counters } : {}),
      rules: named.has(name) ? rules.slice() : (rules as Rule[]),
      declared: true,
    })
  }
  return { name: table.name, line: table.line, chains, user }
}

/** The table afterwards; chains that did not change are the old objects, new rules are worded as a dump words them. */
function closed(open: OpenTable, before: Table, family: Family): Table {
  const old = new Map(before.chains.map(chain => [chain.name, chain]))
  const chains = [...open.chains.values()].map(({ name, line, policy, counters, rules }): Chain => {
    const was = old.get(name)
    if (was && was.policy === policy && sameRules(was.rules, rules)) return was
    const known = new Set(was?.rules)
    const worded = rules.map((rule): Rule => {
      if (known.has(rule)) return rule
      return Object.freeze({ ...rule, text: printRule(rule, name, { family }) })
    })
    return {
      name,
      ...(policy === undefined ? {} : { policy }),
      rules: Object.freeze(worded),
      line,
      ...(counters === undefined ? {} : { counters }),
    }
  })
  return { name: open.name, chains, line: open.line }
}

const sameRules = (a: readonly Rule[], b: readonly Rule[]): boolean =>
  a === b || (a.length === b.length && a.every((rule, i) => rule === b[i]))

interface Spot {
  readonly r: number
  readonly t: number
  readonly family: Family
  readonly backend: Backend
}

/** The smallest changes: single chains where only they differ, so that other tables stay the same objects. */
function changesOf(netns: Netns, before: Table, after: Table, { r, t, family, backend }: Spot): Change[] {
  if (r < 0) {
    const file = family === 'ipv6' ? 'ip6tables-save' : 'iptables-save'
    const ruleset: Ruleset = {
      family,
      backend,
      file: netns.files[`${file}.txt`] ?? `${file}.txt`,
      tables: [after],
    }
    return [{ path: ['rulesets'], value: [...netns.rulesets, ruleset] }]
  }
  const path = ['rulesets', r, 'tables']
  if (t < 0) return [{ path, value: [...netns.rulesets[r]!.tables, after] }]
  const names = (table: Table) => table.chains.map(chain => chain.name).join(' ')
  if (names(before) !== names(after)) return [{ path: [...path, t, 'chains'], value: after.chains.slice() }]
  return after.chains.flatMap((chain, c) => {
    const was = before.chains[c]!
    const here = [...path, t, 'chains', c]
    return [
      ...(chain.policy === was.policy ? [] : [{ path: [...here, 'policy'], value: chain.policy }]),
      ...(chain.rules === was.rules ? [] : [{ path: [...here, 'rules'], value: chain.rules }]),
    ]
  })
}

/** Commands that turn `after` into `before`: chain by chain, what differs between its common head and tail. */
function undoCommands(before: Table, after: Table, family: Family, tool: string): string[] {
  const commands: string[] = []
  const now = new Map(after.chains.map(chain => [chain.name, chain]))
  const old = new Set(before.chains.map(chain => chain.name))
  for (const chain of before.chains) if (!now.has(chain.name)) commands.push(`${tool} -N ${chain.name}`)
  for (const chain of before.chains) {
    const is = now.get(chain.name)
    if (is === chain) continue
    if (is && chain.policy !== is.policy) commands.push(`${tool} -P ${chain.name} ${chain.policy}`)
    const rules = is?.rules ?? []
    let head = 0
    while (head < rules.length && head < chain.rules.length && rules[head] === chain.rules[head]) head++
    let tail = 0
    while (
      tail < rules.length - head &&
      tail < chain.rules.length - head &&
      rules.at(-1 - tail) === chain.rules.at(-1 - tail)
    )
      tail++
    for (let i = rules.length - tail; i > head; i--) commands.push(`${tool} -D ${chain.name} ${head + 1}`)
    for (let i = head; i < chain.rules.length - tail; i++) {
      const body = printRule(chain.rules[i]!, '', { family }).slice('-A '.length).trim()
      commands.push(`${tool} -I ${chain.name} ${i + 1} ${body}`)
    }
  }
  for (const chain of after.chains)
    if (!old.has(chain.name)) commands.push(`${tool} -F ${chain.name}`, `${tool} -X ${chain.name}`)
  return commands
}

/** Takes the options of `iptables` itself out of a command: which table, and words that change nothing here. */
export function tableOf(words: readonly string[]): { table: string; rest: string[] } {
  let table = 'filter'
  const rest: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const named = /^(?:--table=|-t)(.+)$/.exec(word)
    if (word === '-t' || word === '--table') table = words[++i] ?? ''
    else if (named && !word.startsWith('--to')) table = named[1]!
    else if (word === '-w' || word === '--wait') {
      if (/^\d+$/.test(words[i + 1] ?? '')) i++
    } else if (!/^(-n|--numeric|-v|--verbose|--wait=\d+|-w\d+)$/.test(word)) rest.push(word)
  }
  if (table === '') throw inputError('iptables', '-t needs the name of a table')
  return { table, rest }
}
