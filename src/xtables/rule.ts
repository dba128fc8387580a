import type { ExtensionUse, Header, Rule } from '../model/ruleset.js'
import type { Family } from '../values/ip.js'
import { protoName } from '../values/proto.js'
import { takeBase } from './base-options.js'
import {
  Draft,
  gather,
  load,
  type LowerContext,
  none,
  RuleError,
  type RuleProblem,
  sharedOf,
} from './draft.js'
import type { AddressMask } from './header.js'
import { abbreviated, baseOption, optionTable, type Row } from './option-table.js'
import type { RawOption, RawRule } from './raw.js'
import { findMatch } from './registry.js'
import { finishUse, type Loaded } from './use.js'

export type { LowerContext, RuleProblem } from './draft.js'

export interface Lowered {
  /** More than one where -s or -d lists addresses; none where the rule is wrong or for the other family. */
  readonly rules: readonly Rule[]
  readonly problems: readonly RuleProblem[]
}

/** A rule that `-s a,b -d c,d` makes is refused beyond this many: a line must not make a million of them. */
const MOST_RULES = 65536
/**
 * Gives meaning to a rule's flat option list, as iptables-restore 1.8.9 does (xshared.c do_parse(), and the
 * option parser of libxtables). The first error ends it: `rules` is empty then. A match nobody knows, or a
 * target with options of its own that nobody knows, is kept as written with a warning.
 */
export function lowerRule(raw: RawRule, context: LowerContext): Lowered {
  const draft = new Draft()
  try {
    const options = raw.options
    for (let i = 0; i < options.length; ) i = takeOption(draft, options, i, raw, context)
    if (draft.otherFamily) return { rules: [], problems: [] }
    return { rules: build(draft, raw, context), problems: draft.problems }
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    draft.problems.push({ message: error.message, column: error.column, severity: 'error' })
    return { rules: [], problems: draft.problems }
  }
}

/** Takes the option at `i` with its words; returns where the next one begins. */
function takeOption(
  draft: Draft,
  options: readonly RawOption[],
  i: number,
  raw: RawRule,
  context: LowerContext,
): number {
  const option = options[i]!
  let { flag } = option
  let words = option.words
  const equals = flag.indexOf('=')
  if (equals > 2 && flag.startsWith('--')) {
    words = [flag.slice(equals + 1), ...words]
    flag = flag.slice(0, equals)
  }
  const base = baseOption(flag)
  if (base !== undefined) {
    if (base === 'ipv4' || base === 'ipv6') {
      if (base !== context.family) draft.otherFamily = true
      return none(words, option, i)
    }
    return takeBase(draft, base, flag, words, options, i, raw, context)
  }
  for (let k = draft.loaded.length - 1; k >= 0; k--) {
    const owner = draft.loaded[k]!
    const row = owner.extension && optionTable(owner.extension).byFlag.get(flag)
    if (row) return takeRow(owner, row, flag, words, options, i)
  }
  return takeOther(draft, flag, words, options, i, raw, context)
}

/** An option that is spelled in full nowhere: an abbreviation, one of the protocol's match, or an unknown one. */
function takeOther(
  draft: Draft,
  flag: string,
  words: readonly string[],
  options: readonly RawOption[],
  i: number,
  raw: RawRule,
  context: LowerContext,
): number {
  const option = options[i]!
  const take = (): number | undefined => {
    const found = abbreviated(flag, draft.loaded)
    if (found.length > 1) {
      const names = found.map(c => `"${c.flag}"`).join(', ')
      throw new RuleError(`option "${flag}" is ambiguous: it may stand for ${names}`, option.column)
    }
    const [one] = found
    if (one?.base !== undefined) return takeBase(draft, one.base, one.flag, words, options, i, raw, context)
    return one && takeRow(one.owner!, one.row!, one.flag, words, options, i)
  }
  const taken = take()
  if (taken !== undefined) return taken
  const ofProtocol = protocolMatch(draft, context.family)
  if (ofProtocol) {
    const table = optionTable(ofProtocol)
    const known = table.byFlag.get(flag)
    if (known || [...table.byFlag.keys()].some(f => f.startsWith(flag) && flag.length > 2)) {
      draft.protoUsed = true
      const owner = load(draft, ofProtocol.name, ofProtocol, option.column, 'match')
      const next = known ? takeRow(owner, known, flag, words, options, i) : take()
      if (next !== undefined) return next
    }
  }
  for (let k = draft.loaded.length - 1; k >= 0; k--) {
    const owner = draft.loaded[k]!
    if (owner.extension || !flag.startsWith('-')) continue
    owner.unknown.push({ flag, not: option.not, words })
    return i + 1
  }
  throw new RuleError(`unknown option "${flag}"`, option.column)
}

/** The match that `-p` brings along for options like --dport, unless it has done so already. */
function protocolMatch(draft: Draft, family: Family) {
  if (!draft.proto || draft.protoUsed) return undefined
  return findMatch(protoName(draft.proto.value), family)
}

function takeRow(
  owner: Loaded,
  row: Row,
  flag: string,
  given: readonly string[],
  options: readonly RawOption[],
  i: number,
): number {
  const option = options[i]!
  const { words, next } = gather(given, row.min, row.max, flag, options, i)
  owner.given.push({ row, flag, not: option.not, words, column: option.column })
  owner.key += `\u0001${option.not ? '!' : ''}${flag}`
  for (const word of words) owner.key += `\u0002${word}`
  return next
}

function build(draft: Draft, raw: RawRule, context: LowerContext): Rule[] {
  if (draft.inDev && (raw.chain === 'OUTPUT' || raw.chain === 'POSTROUTING'))
    throw new RuleError(`Can't use -i with ${raw.chain}`, raw.options[0]!.column)
  if (draft.outDev && (raw.chain === 'INPUT' || raw.chain === 'PREROUTING'))
    throw new RuleError(`Can't use -o with ${raw.chain}`, raw.options[0]!.column)
  const matches: ExtensionUse[] = []
  const { proto } = draft
  const where = {
    table: context.table,
    chain: raw.chain,
    family: context.family,
    proto,
    key: `${context.table} ${raw.chain} ${context.family} ${proto ? (proto.not ? -proto.value : proto.value) : ''} `,
  }
  const uses = sharedOf(context).uses
  for (const loaded of draft.loaded) {
    const use = finishUse(loaded, where, uses, (message, column) => new RuleError(message, column))
    if (loaded.kind === 'match') matches.push(use)
    else draft.jump = { kind: 'target', target: use }
  }
  const counters = raw.counters ?? draft.counters
  const make = (src: AddressMask | undefined, dst: AddressMask | undefined): Rule => ({
    header: header(draft, src, dst),
    matches: matches.length === 0 ? NO_MATCHES : matches,
    jump: draft.jump,
    text: raw.text,
    line: raw.line,
    ...(counters && { counters }),
  })
  const sources = draft.src ?? NO_ADDRESS
  const destinations = draft.dst ?? NO_ADDRESS
  if (sources.length === 1 && destinations.length === 1) return [make(sources[0], destinations[0])]
  if (sources.length * destinations.length > MOST_RULES)
    throw new RuleError(`-s and -d make more than ${MOST_RULES} rules of this one`, raw.options[0]!.column)
  return sources.flatMap(src => destinations.map(dst => make(src, dst)))
}

const NO_MATCHES: readonly ExtensionUse[] = []
const NO_ADDRESS: readonly undefined[] = [undefined]

function header(draft: Draft, src: AddressMask | undefined, dst: AddressMask | undefined): Header {
  const out: { -readonly [K in keyof Header]: Header[K] } = {}
  const anywhere = (a: AddressMask): boolean => !a.not && a.mask.every(w => w === 0)
  if (src && !anywhere(src)) out.src = src
  if (dst && !anywhere(dst)) out.dst = dst
  if (draft.proto && draft.proto.value !== 0) out.proto = draft.proto
  // `-i +` asks nothing, and the tool prints nothing for it
  if (draft.inDev && (draft.inDev.name !== '+' || draft.inDev.not)) out.in = draft.inDev
  if (draft.outDev && (draft.outDev.name !== '+' || draft.outDev.not)) out.out = draft.outDev
  if (draft.fragment) out.fragment = draft.fragment
  return out
}
