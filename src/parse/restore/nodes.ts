import type { RawOption } from '../../xtables/raw.js'

type Counters = readonly [packets: number, bytes: number]

export interface TableNode {
  readonly kind: 'table'
  readonly name: string
  /** Words behind the name, which the tool ignores. */
  readonly rest: readonly string[]
}
export interface ChainNode {
  readonly kind: 'chain'
  readonly name: string
  readonly policy: string
  readonly counters: Counters | null
  readonly rest: readonly string[]
}
export interface RuleNode {
  readonly kind: 'rule'
  readonly counters: Counters | null
  /** The command (`-A CHAIN`) is one of them. */
  readonly options: readonly RawOption[]
  readonly text: string
}

/** What grammar/iptables-save.peggy makes of a line. */
export type LineNode =
  | TableNode
  | ChainNode
  | RuleNode
  | { readonly kind: 'commit' | 'blank' | 'bad' }
  | { readonly kind: 'comment'; readonly text: string }

/** Something wrong with a line; the driver knows which. */
export interface LineProblem {
  readonly column: number
  readonly message: string
  readonly severity: 'error' | 'warning'
}

export const error = (column: number, message: string): LineProblem => ({
  column,
  message,
  severity: 'error',
})
export const warning = (column: number, message: string): LineProblem => ({
  column,
  message,
  severity: 'warning',
})
