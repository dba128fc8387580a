import type { Family } from '../values/ip.js'
import type { AddressMask } from '../xtables/header.js'

export type Backend = 'nft' | 'legacy'

/** One family's tables of one back end, as dumped, in the dump's order. */
export interface Ruleset {
  readonly family: Family
  readonly backend: Backend
  readonly file: string
  readonly tables: readonly Table[]
}

export interface Table {
  readonly name: string
  readonly chains: readonly Chain[]
  readonly line: number
}

export type Policy = 'ACCEPT' | 'DROP' | 'QUEUE' | 'RETURN'

export interface Chain {
  readonly name: string
  /** Present on built-in chains only. */
  readonly policy?: Policy
  readonly rules: readonly Rule[]
  readonly line: number
  readonly counters?: readonly [packets: number, bytes: number]
}

/** What the rule asks of the IP header itself: -s -d -p -i -o -f, each possibly negated. */
export interface Header {
  readonly src?: AddressMask
  readonly dst?: AddressMask
  readonly proto?: { readonly value: number; readonly not: boolean }
  readonly in?: InterfaceName
  readonly out?: InterfaceName
  /** -f: second and further fragments only (or, negated, anything else). */
  readonly fragment?: { readonly not: boolean }
  /** -4 or -6 before the rule: it exists for that family alone. */
  readonly only?: Family
}

/** `eth0`, or `eth+` for a prefix. */
export interface InterfaceName {
  readonly name: string
  readonly not: boolean
}

/** One argument of an extension: its value, and whether a `!` stood before it. */
export interface Arg<T = unknown> {
  readonly value: T
  readonly not: boolean
}
export type Args = Readonly<Record<string, Arg | undefined>>

/** An option as written, kept for extensions that nfsim does not know. */
export interface RawOption {
  readonly flag: string
  readonly not: boolean
  readonly words: readonly string[]
}

/** The use of an extension in a rule: data. The extension itself is code in `xtables/`. */
export type ExtensionUse =
  | { readonly name: string; readonly known: true; readonly args: Args }
  | {
      readonly name: string
      readonly known: false
      readonly options: readonly RawOption[]
      readonly why: string
    }

export type Jump =
  | { readonly kind: 'none' }
  | { readonly kind: 'verdict'; readonly verdict: 'ACCEPT' | 'DROP' | 'RETURN' | 'QUEUE' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'target'; readonly target: ExtensionUse }

export interface Rule {
  readonly header: Header
  readonly matches: readonly ExtensionUse[]
  readonly jump: Jump
  /** The rule as written after its counters: `-A FORWARD -s … -j ACCEPT`. */
  readonly text: string
  readonly line: number
  readonly counters?: readonly [packets: number, bytes: number]
}

export const BUILTIN_CHAINS: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
}
