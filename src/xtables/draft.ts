import type { InterfaceName, Jump } from '../model/ruleset.js'
import type { Family } from '../values/ip.js'
import type { AddressMask } from './header.js'
import type { RawOption } from './raw.js'
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
  /** User chains of this table. */
  readonly chains: ReadonlySet<string>
  readonly file: string
}

/** What repeats between rules of one table, so that half a million rules share it. */
export interface Shared {
  readonly networks: Map<string, readonly AddressMask[]>
  readonly uses: UseCache
}
const shared = new WeakMap<ReadonlySet<string>, Shared>()
const SHARED_LIMIT = 50_000

export function sharedOf(context: LowerContext): Shared {
  let cache = shared.get(context.chains)
  if (!cache) {
    cache = { networks: new Map(), uses: new Map() }
    shared.set(context.chains, cache)
  }
  if (cache.networks.size > SHARED_LIMIT) cache.networks.clear()
  if (cache.uses.size > SHARED_LIMIT) cache.uses.clear()
  return cache
}

export class RuleError extends Error {
  constructor(
    message: string,
    readonly column: number,
  ) {
    super(message)
  }
}

/** What is known of a rule while its options are read. */
export class Draft {
  src: readonly AddressMask[] | undefined
  dst: readonly AddressMask[] | undefined
  proto: { value: number; not: boolean } | undefined
  protoUsed = false
  inDev: InterfaceName | undefined
  outDev: InterfaceName | undefined
  fragment: { not: boolean } | undefined
  jump: Jump = { kind: 'none' }
  jumpAt: number | undefined
  counters: readonly [number, number] | undefined
  otherFamily = false
  readonly loaded: Loaded[] = []
  target: Loaded | undefined
  readonly problems: RuleProblem[] = []
}

export function load(
  draft: Draft,
  name: string,
  extension: Loaded['extension'],
  column: number,
  kind: 'match' | 'target',
): Loaded {
  const loaded: Loaded = { kind, name, extension, column, given: [], unknown: [], key: name }
  draft.loaded.push(loaded)
  return loaded
}

/**
 * The words of an option. A required word that begins with a dash was taken for an option by the grammar: the
 * tool takes it as the word (`--dport -1`), so do we.
 */
export function gather(
  given: readonly string[],
  min: number,
  max: number,
  flag: string,
  options: readonly RawOption[],
  i: number,
): { words: readonly string[]; next: number } {
  if (given.length >= min && given.length <= max) return { words: given, next: i + 1 }
  const option = options[i]!
  if (given.length > max) throw new RuleError(`Bad argument \`${given[max]}'`, option.column)
  const words = [...given]
  let next = i + 1
  while (words.length < min && next < options.length) {
    const taken = options[next++]!
    if (taken.not) words.push('!')
    words.push(taken.flag, ...taken.words)
  }
  if (words.length < min)
    throw new RuleError(
      min > 1 ? `option "${flag}" requires ${min} arguments` : `option "${flag}" requires an argument`,
      option.column,
    )
  if (words.length > max) throw new RuleError(`Bad argument \`${words[max]}'`, option.column)
  return { words, next }
}

export function none(words: readonly string[], option: RawOption, i: number): number {
  if (words.length > 0) throw new RuleError(`Bad argument \`${words[0]}'`, option.column)
  return i + 1
}
