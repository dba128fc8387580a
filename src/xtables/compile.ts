import { cached } from '../values/cached.js'
import type { Family } from '../values/ip.js'
import type { Backend, Chain, ExtensionUse, Rule, Table } from '../model/ruleset.js'
import type { MatchExtension, TargetExtension } from './extension.js'
import { compileHeader, type HeaderTest } from './header-match.js'
import { findMatch, findTarget } from './registry.js'

export interface CompiledMatch {
  readonly use: ExtensionUse
  readonly extension?: MatchExtension
}

export interface CompiledRule {
  readonly rule: Rule
  /** From 1, as the kernel's TRACE counts. */
  readonly number: number
  readonly header: HeaderTest
  readonly matches: readonly CompiledMatch[]
  readonly target?: TargetExtension
  /** Family restriction -4/-6 that does not apply here. */
  readonly skip: boolean
}

export interface CompiledChain {
  readonly chain: Chain
  readonly rules: readonly CompiledRule[]
}

/** A table with its chains by name. A chain's rules are compiled when a packet first enters it. */
export class CompiledTable {
  private readonly chains = new Map<string, Chain>()
  private readonly compiled = new Map<string, CompiledChain>()
  constructor(
    readonly table: Table,
    readonly family: Family,
    readonly backend: Backend,
  ) {
    for (const chain of table.chains) this.chains.set(chain.name, chain)
  }
  has(name: string): boolean {
    return this.chains.has(name)
  }
  chain(name: string): CompiledChain | undefined {
    let hit = this.compiled.get(name)
    if (hit) return hit
    const chain = this.chains.get(name)
    if (!chain) return undefined
    hit = { chain, rules: chain.rules.map((rule, i) => compileRule(rule, i + 1, this.family, this.backend)) }
    this.compiled.set(name, hit)
    return hit
  }
}

function compileRule(rule: Rule, number: number, family: Family, backend: Backend): CompiledRule {
  const matches = rule.matches.map(use => {
    const extension = use.known ? findMatch(use.name, family) : undefined
    return { use, ...(extension ? { extension } : {}) }
  })
  const target =
    rule.jump.kind === 'target' && rule.jump.target.known
      ? findTarget(rule.jump.target.name, family)
      : undefined
  return {
    rule,
    number,
    header: compileHeader(rule.header, family, backend),
    matches,
    skip: rule.header.only !== undefined && rule.header.only !== family,
    ...(target ? { target } : {}),
  }
}

const made = new WeakMap<Table, CompiledTable>()
/** Frozen tables keep their identity across edits, so an edit recompiles only what it touched. */
export const compileTable = (table: Table, family: Family, backend: Backend): CompiledTable =>
  cached(made, table, () => new CompiledTable(table, family, backend))
