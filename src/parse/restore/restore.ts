import type { Backend, Table } from '../../model/ruleset.js'
import type { Family } from '../../values/ip.js'
import { didYouMean } from '../problems.js'
import { misplacedRule } from './hook-check.js'
import { keepUnreadable, takeCommand } from './command.js'
import {
  type ChainNode,
  type LineNode,
  type LineProblem,
  type RuleNode,
  type TableNode,
  error,
  warning,
} from './nodes.js'
import {
  addUserChain,
  builtinsOf,
  closeTable,
  isTable,
  nameComplaint,
  type OpenTable,
  openTable,
  tableNames,
} from './open-table.js'

export interface RestoreContext {
  readonly file: string
  readonly family: Family
  readonly backend: Backend
  readonly keepUnread: boolean
}

/** What `iptables-restore` does with the lines of a dump, one after the other. */
export interface Restore {
  /** Takes one line; what is wrong with it, or undefined. */
  take(node: LineNode, line: number): readonly LineProblem[] | undefined
  /** A rule of which only the beginning could be read: it keeps its place, and the rest of it is unknown. */
  unreadable(node: RuleNode, line: number, why: string): void
  /** The end of the file: a complaint if a table is still open. */
  end(): string | undefined
  tables(): readonly Table[]
}

export function createRestore(context: RestoreContext): Restore {
  const done = new Map<string, Table>()
  let open: OpenTable | undefined
  // Lines of an unknown table, or before any: one complaint is enough for all of them
  let outside: 'start' | 'told' | 'skipping' = 'start'
  let stopped = false

  function close(): void {
    if (open) done.set(open.name, closeTable(open))
    open = undefined
  }

  function take(node: LineNode, line: number): readonly LineProblem[] | undefined {
    if (stopped) return undefined
    switch (node.kind) {
      case 'blank':
      case 'bad':
        return undefined
      case 'comment':
        return headerProblem(node.text, context.family)
      case 'table':
        return takeTable(node, line)
      case 'commit':
        return takeCommit()
      default:
        if (!open) return orphan(node.kind === 'chain' ? `chain ${node.name}` : 'a rule')
        if (node.kind === 'rule' && STOPS.has(node.options[0]!.flag)) return stop(open, node)
        return node.kind === 'chain' ? takeChain(open, node, line) : takeCommand(open, node, line, context)
    }
  }

  /** The tool prints its help and ends well: nothing of this table is committed, nothing below is read. */
  function stop(table: OpenTable, node: RuleNode): readonly LineProblem[] {
    stopped = true
    open = openTable(table.name, table.line, done.get(table.name))
    close()
    const { flag, column } = node.options[0]!
    return [
      warning(column, `${flag} ends iptables-restore: table ${table.name} and all below are not loaded`),
    ]
  }

  function orphan(what: string): readonly LineProblem[] | undefined {
    if (outside !== 'start') return undefined
    outside = 'told'
    return [error(1, `${what} stands outside any table: a line such as *filter must come before it`)]
  }

  function takeTable(node: TableNode, line: number): readonly LineProblem[] | undefined {
    const problems: LineProblem[] = []
    if (open)
      problems.push(
        error(1, `the dump is cut: table ${open.name} (line ${open.line}) has no COMMIT before this table`),
      )
    close()
    if (!isTable(node.name)) {
      outside = 'skipping'
      const near = didYouMean(node.name, tableNames().split(', '))
      return [...problems, error(1, `unknown table ${node.name}; there are ${tableNames()}${near}`)]
    }
    const before = done.get(node.name)
    if (before)
      problems.push(warning(1, `table ${node.name} again: this one replaces that of line ${before.line}`))
    if (node.rest.length > 0) problems.push(warning(1, `ignored behind the table's name: ${node.rest[0]}`))
    open = openTable(node.name, line, before)
    return problems.length > 0 ? problems : undefined
  }

  function takeCommit(): readonly LineProblem[] | undefined {
    const wasOpen = open !== undefined
    const misplaced = open && misplacedRule(open, context)
    close()
    const skipped = outside === 'skipping'
    outside = 'start'
    if (misplaced !== undefined) return [error(1, misplaced)]
    return wasOpen || skipped ? undefined : [error(1, 'COMMIT without a table')]
  }

  return {
    take,
    unreadable(node, line, why) {
      if (open && !stopped) keepUnreadable(open, node, line, why, context)
    },
    end() {
      const cut = open && `the dump is cut: table ${open.name} (line ${open.line}) has no COMMIT`
      close()
      return cut
    },
    tables: () => [...done.values()],
  }
}

const STOPS = new Set(['-h', '--help', '-V', '--version'])

/** `:NAME POLICY [packets:bytes]` */
function takeChain(table: OpenTable, node: ChainNode, line: number): readonly LineProblem[] | undefined {
  const { name, policy, counters } = node
  const problems: LineProblem[] = []
  if (node.rest.length > 0) problems.push(warning(1, `ignored behind the chain: ${node.rest[0]}`))
  let chain = table.chains.get(name)
  if (chain?.policy !== undefined) {
    if (chain.declared)
      problems.push(
        warning(1, `chain ${name} is declared twice (first in line ${chain.line}): this one counts`),
      )
    if (policy === 'ACCEPT' || policy === 'DROP') chain.policy = policy
    else if (policy !== '-')
      return [error(1, `${policy} is no policy for ${name}; a built-in chain has ACCEPT or DROP`)]
    chain.line = line
    chain.declared = true
  } else if (chain) {
    return [error(1, `chain ${name} is declared twice (first in line ${chain.line})`)]
  } else {
    const complaint = nameComplaint(name)
    if (complaint) return [error(1, complaint)]
    chain = addUserChain(table, name, line)
    if (policy !== '-')
      return [
        error(
          1,
          `table ${table.name} has no built-in chain ${name} (it has ${builtinsOf(table.name).join(', ')}), ` +
            `and a chain of one's own has no policy: write - for ${policy}`,
        ),
      ]
  }
  if (counters) chain.counters = counters
  return problems.length > 0 ? problems : undefined
}

/** The header comment tells which family a dump is of. */
function headerProblem(text: string, family: Family): readonly LineProblem[] | undefined {
  const found = /^#\s*Generated by (x|ip6?)tables(-nft|-legacy)?-save\b/.exec(text)?.[1]
  if (found === undefined || found === 'x') return undefined
  const actual: Family = found === 'ip6' ? 'ipv6' : 'ipv4'
  if (actual === family) return undefined
  const names = { ipv4: 'iptables-save', ipv6: 'ip6tables-save' } as const
  return [error(1, `this is an ${names[actual]} dump, but it is read as ${names[family]}`)]
}
