import type { Backend, InterfaceName, Jump } from '../model/ruleset.js'
import type { Bits, Family } from '../values/ip.js'
import type { AddressMask } from './header.js'
import type { RawOption, RawRule } from './raw.js'
import type { Loaded, UseCache } from './use.js'

/** Something wrong with a rule, at a column of its line. */
export interface RuleProblem {
  readonly message: string
  readonly column: number
  readonly severity: 'error' | 'warning'
}

export interface LowerContext {
  readonly table: string
  readonly family: Family
  readonly backend: Backend
  /** User chains of this table. */
  readonly chains: ReadonlySet<string>
  readonly file: string
}

/** What repeats between rules of one table, so that half a million rules share it. */
export interface Shared {
  readonly table: string
  readonly family: Family
  readonly uses: UseCache
  readonly masks: Map<string, Bits>
  readonly jumps: Map<string, Jump>
  readonly protos: Map<string, { readonly value: number; readonly not: boolean }>
  readonly interfaces: Map<string, InterfaceName>
}
const shared = new WeakMap<ReadonlySet<string>, Shared>()

function sharedOf(context: LowerContext): Shared {
  const { chains, table, family } = context
  let cache = shared.get(chains)
  if (!cache || cache.table !== table || cache.family !== family) {
    cache = {
      table,
      family,
      uses: new Map(),
      masks: new Map(),
      jumps: new Map(),
      protos: new Map(),
      interfaces: new Map(),
    }
    shared.set(chains, cache)
  }
  return cache
}

const LIMIT = 10_000
/** The value under a key, made at first use. Kept up to a limit: words of a hostile file are all different. */
export function kept<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    if (map.size < LIMIT) map.set(key, value)
  }
  return value
}

export class RuleError extends Error {
  constructor(
    message: string,
    readonly column: number,
  ) {
    super(message)
  }
}

const NO_JUMP: Jump = { kind: 'none' }
const NO_PROBLEMS: readonly RuleProblem[] = []

/** What is known of a rule while its options are read one after the other. */
export class Draft {
  /** The option to be read next. */
  at = 0
  src: AddressMask | readonly AddressMask[] | undefined
  dst: AddressMask | readonly AddressMask[] | undefined
  proto: { readonly value: number; readonly not: boolean } | undefined
  protoUsed = false
  inDev: InterfaceName | undefined
  outDev: InterfaceName | undefined
  fragment: { readonly not: boolean } | undefined
  jump: Jump = NO_JUMP
  jumpAt: number | undefined
  counters: readonly [number, number] | undefined
  otherFamily = false
  readonly loaded: Loaded[] = []
  problems: readonly RuleProblem[] = NO_PROBLEMS
  readonly options: readonly RawOption[]
  readonly shared: Shared

  constructor(
    readonly raw: RawRule,
    readonly context: LowerContext,
  ) {
    this.options = raw.options
    this.shared = sharedOf(context)
  }

  load(name: string, extension: Loaded['extension'], column: number, kind: 'match' | 'target'): Loaded {
    const loaded: Loaded = { kind, name, extension, column, given: [], unknown: extension ? undefined : [] }
    this.loaded.push(loaded)
    return loaded
  }

  problem(severity: RuleProblem['severity'], message: string, column: number): void {
    this.problems = [...this.problems, { message, column, severity }]
  }

  /**
   * The words of the option at hand, past which it moves. A required word that begins with a dash was taken for
   * an option by the grammar: the tool takes it as the word (`--dport -1`), so do we.
   */
  words(given: readonly string[], min: number, max: number, flag: string): readonly string[] {
    if (given.length >= min && given.length <= max) {
      this.at++
      return given
    }
    return this.moreWords(given, min, max, flag)
  }

  /** The one word that the option at hand must have. */
  word(given: readonly string[], flag: string): string {
    return this.words(given, 1, 1, flag)[0]!
  }

  private moreWords(given: readonly string[], min: number, max: number, flag: string): readonly string[] {
    const { column } = this.options[this.at++]!
    const words = [...given]
    while (words.length < min && this.at < this.options.length) {
      const taken = this.options[this.at++]!
      if (taken.not) words.push('!')
      words.push(taken.flag, ...taken.words)
    }
    if (words.length > max) throw new RuleError(`Bad argument \`${words[max]}'`, column)
    if (words.length < min)
      throw new RuleError(
        min > 1 ? `option "${flag}" requires ${min} arguments` : `option "${flag}" requires an argument`,
        column,
      )
    return words
  }
}
