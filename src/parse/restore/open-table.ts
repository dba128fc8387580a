import { BUILTIN_CHAINS, type Chain, type Policy, type Rule, type Table } from '../../model/ruleset.js'

/** A chain that is still being filled. */
export interface OpenChain {
  name: string
  line: number
  policy?: Policy
  counters?: readonly [packets: number, bytes: number]
  rules: Rule[]
  /** A line `:NAME …` has stood for it. */
  declared: boolean
}

/** A table between its `*name` and its COMMIT. */
export interface OpenTable {
  readonly name: string
  readonly line: number
  readonly chains: Map<string, OpenChain>
  /** Names of the chains that are not built in: what rules may jump to. */
  readonly user: Set<string>
}

/** Longest name of a chain: XT_EXTENSION_MAXNAMELEN less its end mark. */
const LONGEST_NAME = 28
const VERDICTS = new Set(['ACCEPT', 'DROP', 'QUEUE', 'RETURN'])

export const builtinsOf = (table: string): readonly string[] =>
  Object.hasOwn(BUILTIN_CHAINS, table) ? BUILTIN_CHAINS[table]! : []

export const isTable = (name: string): boolean => Object.hasOwn(BUILTIN_CHAINS, name)
export const tableNames = (): string => Object.keys(BUILTIN_CHAINS).join(', ')

/**
 * A table as `*name` leaves it: built-in chains empty. `before` is the same table, met earlier in the dump: its
 * policies stay, as flushing doesn't change them.
 */
export function openTable(name: string, line: number, before: Table | undefined): OpenTable {
  const chains = new Map<string, OpenChain>()
  for (const chain of builtinsOf(name)) {
    const policy = before?.chains.find(c => c.name === chain)?.policy ?? 'ACCEPT'
    chains.set(chain, { name: chain, line, policy, rules: [], declared: false })
  }
  return { name, line, chains, user: new Set() }
}

export function closeTable(open: OpenTable): Table {
  const chains = [...open.chains.values()].map(
    ({ name, line, policy, counters, rules }): Chain => ({
      name,
      ...(policy === undefined ? {} : { policy }),
      // A pushed-to array keeps room for more; a cluster's thousands of chains hold few rules each
      rules: rules.slice(),
      line,
      ...(counters === undefined ? {} : { counters }),
    }),
  )
  return { name: open.name, chains, line: open.line }
}

export function addUserChain(table: OpenTable, name: string, line: number): OpenChain {
  const chain: OpenChain = { name, line, rules: [], declared: true }
  table.chains.set(name, chain)
  table.user.add(name)
  return chain
}

/** What is wrong with a name for a new chain, or undefined. */
export function nameComplaint(name: string): string | undefined {
  if (name.length > LONGEST_NAME)
    return `the chain name ${name.slice(0, 40)} has ${name.length} characters; at most ${LONGEST_NAME} are allowed`
  if (VERDICTS.has(name)) return `a chain can't be named ${name}: that is a verdict`
  if (/^[-!]/.test(name)) return `a chain name can't begin with ${name[0]}`
  return undefined
}

/** Does any rule of the table jump to the chain? */
export const isReferenced = (table: OpenTable, name: string): boolean =>
  [...table.chains.values()].some(c => c.rules.some(r => 'chain' in r.jump && r.jump.chain === name))
