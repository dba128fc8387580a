import type { InterfaceName } from '../model/ruleset.js'
import type { Family } from '../values/ip.js'
import { parseProto } from '../values/proto.js'
import { readMask, underMask } from './addresses.js'
import { type Draft, kept, RuleError } from './draft.js'
import type { AddressMask } from './header.js'
import { readUint } from './numbers.js'
import { type BaseOption, baseOption } from './option-table.js'
import { BadValue } from './options.js'
import { findMatch, findTarget } from './registry.js'

const VERDICTS = new Set(['ACCEPT', 'DROP', 'RETURN', 'QUEUE'])

/**
 * -s -d -p -i -o -f -m -j -g -c, and those that a rule of a dump can't hold. Takes the option at hand and moves
 * on. @throws RuleError
 */
export function takeBase(draft: Draft, base: BaseOption, flag: string, given: readonly string[]): void {
  const { column, not } = draft.options[draft.at]!
  switch (base) {
    case 'source':
      once(draft.src, '-s', column)
      draft.src = networks(draft, draft.word(given, flag), not, column)
      return
    case 'destination':
      once(draft.dst, '-d', column)
      draft.dst = networks(draft, draft.word(given, flag), not, column)
      return
    case 'protocol':
      once(draft.proto, '-p', column)
      draft.proto = protocol(draft, draft.word(given, flag), not, column)
      return
    case 'in':
      once(draft.inDev, '-i', column)
      draft.inDev = interfaceName(draft, draft.word(given, flag), not, column)
      return
    case 'out':
      once(draft.outDev, '-o', column)
      draft.outDev = interfaceName(draft, draft.word(given, flag), not, column)
      return
    case 'fragment':
      if (draft.context.family === 'ipv6')
        throw new RuleError("`-f' is not supported in IPv6, use -m frag instead", column)
      once(draft.fragment, '-f', column)
      draft.fragment = { not }
      draft.words(given, 0, 0, flag)
      return
    case 'match':
      if (not) throw new RuleError('unexpected ! flag before --match', column)
      takeMatch(draft, draft.word(given, flag), column)
      return
    case 'jump':
    case 'goto':
      once(draft.jumpAt, '-j', column)
      if (not) throw new RuleError(`cannot have ! before ${flag}`, column)
      draft.jumpAt = column
      takeJump(draft, base, draft.word(given, flag), column)
      return
    case 'counters':
      if (not) throw new RuleError(`cannot have ! before ${flag}`, column)
      draft.counters = counters(draft.words(given, 1, 2, flag), column)
      return
    case 'ipv4':
    case 'ipv6':
      if (base !== draft.context.family) draft.otherFamily = true
      draft.words(given, 0, 0, flag)
      return
    case 'verbose':
      draft.words(given, 0, 0, flag)
      return
    case 'modprobe':
      draft.word(given, flag)
      return
    case 'wait':
      throw new RuleError(`You cannot use \`${flag}' from iptables-restore`, column)
    case 'table':
      throw new RuleError('The -t option cannot be used in iptables-restore.', column)
    case 'listing':
      throw new RuleError(`Illegal option \`${flag}' with this command`, column)
    case 'command':
      throw new RuleError(`Cannot use ${flag} with -A`, column)
  }
}

function once(before: unknown, short: string, column: number): void {
  if (before !== undefined) throw new RuleError(`multiple ${short} flags not allowed`, column)
}

function protocol(draft: Draft, word: string, not: boolean, column: number) {
  return kept(draft.shared.protos, not ? `!${word}` : word, () => {
    // `any` is our own word for flows; the tool knows no such protocol
    const value = word === 'any' ? Number.NaN : (parseProto(word) ?? readUint(word, 255))
    if (Number.isNaN(value)) throw new RuleError(`unknown protocol "${word}" specified`, column)
    if (value === 0 && not) throw new RuleError('rule would never match protocol', column)
    return { value, not }
  })
}

function counters(words: readonly string[], column: number): readonly [number, number] {
  const [packets, bytes] = words.length === 2 ? words : words[0]!.split(',')
  if (!packets || !bytes) throw new RuleError('-c requires packet and byte counter', column)
  if (!/^\d{1,20}$/.test(packets) || !/^\d{1,20}$/.test(bytes))
    throw new RuleError('-c packet and byte counter not numeric', column)
  return [Number(packets), Number(bytes)]
}

const otherFamilyHas = (find: typeof findMatch | typeof findTarget, name: string, family: Family): boolean =>
  find(name, family === 'ipv4' ? 'ipv6' : 'ipv4') !== undefined

function networks(
  draft: Draft,
  word: string,
  not: boolean,
  column: number,
): AddressMask | readonly AddressMask[] {
  try {
    if (!word.includes(',')) return network(draft, word, not)
    if (not) throw new RuleError('! not allowed with multiple source or destination IP addresses', column)
    return word.split(',').map(part => network(draft, part.trim(), not))
  } catch (error) {
    if (error instanceof BadValue) throw new RuleError(error.message, column)
    throw error
  }
}

/** As readNetwork, sharing masks between rules. */
function network(draft: Draft, word: string, not: boolean): AddressMask {
  const { family } = draft.context
  const slash = word.lastIndexOf('/')
  const length = slash < 0 ? (family === 'ipv4' ? '32' : '128') : word.slice(slash + 1)
  const shared = kept(draft.shared.masks, length, () => readMask(length, family))
  const { address, bits, mask } = underMask(slash < 0 ? word : word.slice(0, slash), family, shared)
  return { address, mask, not, bits }
}

function interfaceName(draft: Draft, name: string, not: boolean, column: number): InterfaceName {
  if (name === '') throw new RuleError('Empty interface is likely to be undesired', column)
  if (name.length > 15)
    throw new RuleError(`interface name \`${name}' must be shorter than IFNAMSIZ (15)`, column)
  return kept(draft.shared.interfaces, not ? `!${name}` : name, () => ({ name, not }))
}

function takeMatch(draft: Draft, name: string, column: number): void {
  const { family } = draft.context
  const extension = findMatch(name, family)
  if (!extension) {
    if (otherFamilyHas(findMatch, name, family) || !/^[A-Za-z0-9_]{1,28}$/.test(name))
      throw new RuleError(`Couldn't load match \`${name}': there is none for ${family}`, column)
    draft.problem('warning', `match \`${name}' is not known to nfsim: what it answers is unknown`, column)
  }
  draft.load(extension?.name ?? name, extension, column, 'match')
}

function takeJump(draft: Draft, kind: 'jump' | 'goto', name: string, column: number): void {
  const { chains, family, table } = draft.context
  if (name === '') throw new RuleError('Invalid target name (too short)', column)
  if (name.length > 28) throw new RuleError(`Invalid target name \`${name}' (28 chars max)`, column)
  if (chains.has(name)) {
    draft.jump = kept(draft.shared.jumps, `${kind} ${name}`, () => ({ kind, chain: name }))
    return
  }
  if (kind === 'goto') throw new RuleError(`goto '${name}' is not a chain`, column)
  if (VERDICTS.has(name)) {
    if (name === 'DROP' && table === 'nat')
      throw new RuleError(
        'The "nat" table is not intended for filtering, the use of DROP is therefore inhibited.',
        column,
      )
    const verdict = name as 'ACCEPT' | 'DROP' | 'RETURN' | 'QUEUE'
    draft.jump = kept(draft.shared.jumps, name, () => ({ kind: 'verdict', verdict }))
    return
  }
  const extension = findTarget(name, family)
  if (!extension) {
    // somebody's own target shows itself by options that follow; a bare name is a chain that isn't there
    const ownOptions = draft.options.slice(draft.at).some(o => baseOption(o.flag) === undefined)
    if (!ownOptions || otherFamilyHas(findTarget, name, family))
      throw new RuleError(`Couldn't load target \`${name}': there is no such chain or target`, column)
    draft.problem('warning', `target \`${name}' is not known to nfsim: what it does is unknown`, column)
  }
  draft.load(name, extension, column, 'target')
}
