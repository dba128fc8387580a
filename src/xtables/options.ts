import type { Arg } from '../model/ruleset.js'
import type { Family } from '../values/ip.js'

/** What reading an option's words needs to know of its surroundings. */
export interface ReadContext {
  readonly family: Family
  /** Protocol of the rule's `-p`, where it is given and not negated. */
  readonly proto?: number
}

/** Thrown by `read` for a bad value; the rule parser adds place and line. */
export class BadValue extends Error {
  override readonly name = 'BadValue'
}

/**
 * One option of an extension: how it is spelled, how its words become a value, and how the value is spelled
 * again. Parsing and printing of rules are generic over these rows.
 */
export interface OptionSpec<T> {
  /** The spelling that iptables-save prints, then the aliases that iptables-restore takes as well. */
  readonly flags: readonly [string, ...string[]]
  /** How many words follow: exactly, or from–to. */
  readonly words: number | readonly [min: number, max: number]
  readonly negatable?: boolean
  readonly required?: boolean
  /** May be given more than once (the last one counts, or `merge` joins them). */
  readonly repeatable?: boolean
  /** Words are printed as the tool quotes free text: bare only if made of letters, digits, `_` and `-`. */
  readonly quote?: boolean
  /** `flag` is the spelling that was used, without abbreviation. @throws BadValue */
  read(words: readonly string[], context: ReadContext, flag: string): T
  /** Joins a repeated option with what was given before; absent: the last one counts. @throws BadValue */
  merge?(before: T, next: T): T
  /** The words after the flag as iptables-save prints them (unquoted). `undefined`: the option is not printed at all. */
  print(value: T, context: ReadContext): readonly string[] | undefined
  /** Another flag is printed for this value (`--set-mark` comes back as `--set-xmark`). */
  printFlag?(value: T): string
}

// biome-ignore lint/suspicious/noExplicitAny: each row has its own type; ArgsOf recovers it
export type OptionSpecs = Readonly<Record<string, OptionSpec<any>>>
type ValueOf<O> = O extends OptionSpec<infer T> ? T : never
/** Arguments as the extension sees them: one per row, absent where the rule doesn't give it. */
export type ArgsOf<S extends OptionSpecs> = { readonly [K in keyof S]?: Arg<ValueOf<S[K]>> | undefined }

export const option = <T>(spec: OptionSpec<T>): OptionSpec<T> => spec
