/**
 * A rule as the grammar gives it: shape without meaning. The grammar knows no extension; `xtables/rule.ts`
 * gives meaning.
 */
export interface RawOption {
  /** As written: `-s`, `--dport`. `-m`, `-j` and `-g` too: their word is the extension or chain. */
  readonly flag: string
  /** A `!` stood before the flag (or, in the old style, before its first word). */
  readonly not: boolean
  /** What follows up to the next option, unquoted. */
  readonly words: readonly string[]
  /** Column of the flag in its line, from 1. */
  readonly column: number
}

export interface RawRule {
  readonly chain: string
  readonly counters?: readonly [packets: number, bytes: number]
  /** All options in order, `-m x`, `-j x` and `-g x` included. */
  readonly options: readonly RawOption[]
  /** `-A CHAIN …` as written, without counters. */
  readonly text: string
  readonly line: number
}
