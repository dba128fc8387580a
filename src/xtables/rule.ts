import type { ExtensionUse, Header, Rule } from '../model/ruleset.js'
import { protoName } from '../values/proto.js'
import { takeBase } from './base-options.js'
import { Draft, type LowerContext, RuleError, type RuleProblem } from './draft.js'
import type { AddressMask } from './header.js'
import { abbreviated, baseOption, optionTable, type Row } from './option-table.js'
import type { RawRule } from './raw.js'
import { findMatch } from './registry.js'
import { finishUse, type Loaded } from './use.js'

export type { LowerContext, RuleProblem } from './draft.js'

export interface Lowered {
  /** More than one where -s or -d lists addresses; none where the rule is wrong or for the other family. */
  readonly rules: readonly Rule[]
  readonly problems: readonly RuleProblem[]
  /** Of a rule that is wrong: what could be read of it, the rest unknown. A lenient walk takes it as the rule. */
  readonly unread?: Rule
}

/** A rule that `-s a,b -d c,d` makes is refused beyond this many: a line must not make a million of them. */
const MOST_RULES = 65536

/**
 * Gives meaning to a rule's flat option list, as iptables-restore 1.8.9 does (xshared.c do_parse(), and the
 * option parser of libxtables). The first error ends it: `rules` is empty then. A match nobody knows, or a
 * target with options of its own that nobody knows, is kept as written with a warning.
 */
export function lowerRule(raw: RawRule, context: LowerContext): Lowered {
  const draft = new Draft(raw, context)
  try {
    while (draft.at < draft.options.length) takeOption(draft)
    if (draft.otherFamily) return { rules: [], problems: [] }
    return { rules: build(draft), problems: draft.problems }
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    draft.problem('error', error.message, error.column)
    return { rules: [], problems: draft.problems, unread: unreadRule(draft, error.message) }
  }
}

/** Takes the option at hand with its words, and moves on to the next. */
function takeOption(draft: Draft): void {
  const option = draft.options[draft.at]!
  let { flag, words } = option
  const equals = flag.indexOf('=')
  if (equals > 2 && flag.startsWith('--')) {
    words = [flag.slice(equals + 1), ...words]
    flag = flag.slice(0, equals)
  }
  const base = baseOption(flag)
  if (base !== undefined) {
    takeBase(draft, base, flag, words)
    return
  }
  for (let k = draft.loaded.length - 1; k >= 0; k--) {
    const owner = draft.loaded[k]!
    const row = owner.extension && optionTable(owner.extension).byFlag.get(flag)
    if (row) {
      takeRow(draft, owner, row, flag, words)
      return
    }
  }
  takeOther(draft, flag, words)
}

/** An option that is spelled in full nowhere: an abbreviation, one of the protocol's match, or an unknown one. */
function takeOther(draft: Draft, flag: string, words: readonly string[]): void {
  if (takeAbbreviated(draft, flag, words)) return
  const option = draft.options[draft.at]!
  const ofProtocol = protocolMatch(draft)
  if (ofProtocol) {
    const { byFlag } = optionTable(ofProtocol)
    const known = byFlag.get(flag)
    if (known || (flag.length > 2 && [...byFlag.keys()].some(f => f.startsWith(flag)))) {
      draft.protoUsed = true
      const owner = draft.load(ofProtocol.name, ofProtocol, option.column, 'match')
      if (known) takeRow(draft, owner, known, flag, words)
      else takeAbbreviated(draft, flag, words)
      return
    }
  }
  const unknown = draft.loaded.findLast(owner => owner.unknown !== undefined)
  if (!unknown || !flag.startsWith('-')) throw new RuleError(`unknown option "${flag}"`, option.column)
  unknown.unknown!.push({ flag, not: option.not, words })
  draft.at++
}

function takeAbbreviated(draft: Draft, flag: string, words: readonly string[]): boolean {
  const found = abbreviated(flag, draft.loaded)
  // the same match loaded twice has each option twice: the later one is meant
  const one = found.at(-1)
  if (!one) return false
  if (found.some(c => c.flag !== one.flag)) {
    const names = found.map(c => `"${c.flag}"`).join(', ')
    throw new RuleError(
      `option "${flag}" is ambiguous: it may stand for ${names}`,
      draft.options[draft.at]!.column,
    )
  }
  if (one.base !== undefined) takeBase(draft, one.base, one.flag, words)
  else takeRow(draft, one.owner!, one.row!, one.flag, words)
  return true
}

/** The match that `-p` brings along for options like --dport, unless it has done so already. */
function protocolMatch({ proto, protoUsed, context }: Draft) {
  if (!proto || protoUsed) return undefined
  return findMatch(protoName(proto.value), context.family)
}

function takeRow(draft: Draft, owner: Loaded, row: Row, flag: string, given: readonly string[]): void {
  const { not, column } = draft.options[draft.at]!
  const words = draft.words(given, row.min, row.max, flag)
  owner.given.push({ row, flag, not, words, column })
}

function build(draft: Draft): Rule[] {
  const { raw, jump: plainJump } = draft
  const { chain } = raw
  if (draft.inDev && (chain === 'OUTPUT' || chain === 'POSTROUTING'))
    throw new RuleError(`Can't use -i with ${chain}`, raw.options[0]!.column)
  if (draft.outDev && (chain === 'INPUT' || chain === 'PREROUTING'))
    throw new RuleError(`Can't use -o with ${chain}`, raw.options[0]!.column)
  let matches = NO_MATCHES
  let jump = plainJump
  if (draft.loaded.length > 0) {
    const where = whereOf(draft)
    const uses: ExtensionUse[] = []
    for (const loaded of draft.loaded) {
      const use = finishUse(loaded, where, draft.shared.uses, complain)
      if (loaded.kind === 'match') uses.push(use)
      else jump = { kind: 'target', target: use }
    }
    if (uses.length > 0) matches = uses
  }
  const counters = raw.counters ?? draft.counters
  const make = (src: AddressMask | undefined, dst: AddressMask | undefined): Rule => {
    const rule: Rule = { header: header(draft, src, dst), matches, jump, text: raw.text, line: raw.line }
    return counters ? { ...rule, counters } : rule
  }
  const { src, dst } = draft
  if (!isList(src) && !isList(dst)) return [make(src, dst)]
  const sources = isList(src) ? src : [src]
  const destinations = isList(dst) ? dst : [dst]
  if (sources.length * destinations.length > MOST_RULES)
    throw new RuleError(`-s and -d make more than ${MOST_RULES} rules of this one`, raw.options[0]!.column)
  return sources.flatMap(s => destinations.map(d => make(s, d)))
}

const whereOf = ({ raw, context, proto }: Draft) => ({
  table: context.table,
  chain: raw.chain,
  family: context.family,
  backend: context.backend,
  proto,
})

/**
 * A rule that an error ended, as far as it was read: the part that the error is about, or else the question whether
 * the packet matches at all, is unknown. What the packet plainly does not match stays plain.
 */
function unreadRule(draft: Draft, why: string): Rule {
  const { raw } = draft
  const matches: ExtensionUse[] = []
  let { jump } = draft
  const targetless = jump.kind === 'none' && !draft.loaded.some(l => l.kind === 'target')
  // -j was met, but nothing came of it: that is the unknown part
  let told = targetless && draft.jumpAt !== undefined
  for (const loaded of draft.loaded) {
    let use: ExtensionUse
    try {
      use = finishUse(loaded, whereOf(draft), draft.shared.uses, complain)
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      use = unreadUse(loaded.name, why)
      told = true
    }
    if (loaded.kind === 'match') matches.push(use)
    else jump = { kind: 'target', target: use }
  }
  const { src, dst } = draft
  const aborted = draft.at < draft.options.length
  if (!told || aborted || isList(src) || isList(dst)) matches.push(unreadUse('?', why))
  if (jump.kind === 'none') jump = { kind: 'target', target: unreadUse('?', why) }
  const plain = (a: AddressMask | readonly AddressMask[] | undefined) => (isList(a) ? undefined : a)
  return {
    header: header(draft, plain(src), plain(dst)),
    matches,
    jump,
    text: raw.text,
    line: raw.line,
    ...(raw.counters && { counters: raw.counters }),
  }
}

const unreadUse = (name: string, why: string): ExtensionUse => ({ name, known: false, options: [], why })

/** The rule where something of it could not be read: whether it matches is unknown then, and what it does. */
export const inDoubt = (rule: Rule, why: string): Rule => ({
  ...rule,
  matches: [...rule.matches, unreadUse('?', why)],
  jump: { kind: 'target', target: unreadUse('?', why) },
})

const NO_MATCHES: readonly ExtensionUse[] = []
const complain = (message: string, column: number): Error => new RuleError(message, column)
const isList = (a: AddressMask | readonly AddressMask[] | undefined): a is readonly AddressMask[] =>
  Array.isArray(a)

function header(draft: Draft, src: AddressMask | undefined, dst: AddressMask | undefined): Header {
  const { proto, inDev, outDev, fragment } = draft
  const out: { -readonly [K in keyof Header]: Header[K] } = {}
  if (src && !isAnywhere(src)) out.src = src
  if (dst && !isAnywhere(dst)) out.dst = dst
  if (proto && proto.value !== 0) out.proto = proto
  // `-i +` asks nothing, and the tool prints nothing for it
  if (inDev && (inDev.name !== '+' || inDev.not)) out.in = inDev
  if (outDev && (outDev.name !== '+' || outDev.not)) out.out = outDev
  if (fragment) out.fragment = fragment
  return out
}

function isAnywhere({ mask, not }: AddressMask): boolean {
  return !not && mask[0] === 0 && mask.every(w => w === 0)
}
