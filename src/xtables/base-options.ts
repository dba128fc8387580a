import type { InterfaceName } from '../model/ruleset.js'
import type { Family } from '../values/ip.js'
import { parseProto } from '../values/proto.js'
import { readNetwork } from './addresses.js'
import { type Draft, gather, load, type LowerContext, none, RuleError, sharedOf } from './draft.js'
import { type AddressMask, addressMask } from './header.js'
import { readUint } from './numbers.js'
import { type BaseOption, baseOption } from './option-table.js'
import { BadValue } from './options.js'
import type { RawOption, RawRule } from './raw.js'
import { findMatch, findTarget } from './registry.js'

const VERDICTS = new Set(['ACCEPT', 'DROP', 'RETURN', 'QUEUE'])

/** -s -d -p -i -o -f -m -j -g -c, and those that a rule of a dump can't hold. Returns where the next option begins. */
export function takeBase(
  draft: Draft,
  base: BaseOption,
  flag: string,
  given: readonly string[],
  options: readonly RawOption[],
  i: number,
  raw: RawRule,
  context: LowerContext,
): number {
  const option = options[i]!
  const { column, not } = option
  const once = (before: unknown, short: string) => {
    if (before !== undefined) throw new RuleError(`multiple ${short} flags not allowed`, column)
  }
  const positive = () => {
    if (not) throw new RuleError(`cannot have ! before ${flag}`, column)
  }
  const one = () => gather(given, 1, 1, flag, options, i)
  switch (base) {
    case 'source':
    case 'destination': {
      const side = base === 'source' ? 'src' : 'dst'
      once(draft[side], base === 'source' ? '-s' : '-d')
      const { words, next } = one()
      draft[side] = networks(words[0]!, not, column, context)
      return next
    }
    case 'protocol': {
      once(draft.proto, '-p')
      const { words, next } = one()
      // `any` is our own word for flows; the tool knows no such protocol
      const value = words[0] === 'any' ? Number.NaN : (parseProto(words[0]!) ?? readUint(words[0]!, 255))
      if (Number.isNaN(value)) throw new RuleError(`unknown protocol "${words[0]}" specified`, column)
      if (value === 0 && not) throw new RuleError('rule would never match protocol', column)
      draft.proto = { value, not }
      return next
    }
    case 'in':
    case 'out': {
      once(base === 'in' ? draft.inDev : draft.outDev, base === 'in' ? '-i' : '-o')
      const { words, next } = one()
      const name = interfaceName(words[0]!, not, column)
      if (base === 'in') draft.inDev = name
      else draft.outDev = name
      return next
    }
    case 'fragment':
      if (context.family === 'ipv6') throw new RuleError(`unknown option "${flag}"`, column)
      once(draft.fragment, '-f')
      draft.fragment = { not }
      return none(given, option, i)
    case 'match': {
      if (not) throw new RuleError('unexpected ! flag before --match', column)
      const { words, next } = one()
      const name = words[0]!
      const extension = findMatch(name, context.family)
      if (!extension) {
        if (otherFamilyHas(findMatch, name, context.family) || !/^[A-Za-z0-9_]{1,28}$/.test(name))
          throw new RuleError(`Couldn't load match \`${name}': there is none for ${context.family}`, column)
        warn(draft, column, `match \`${name}' is not known to nfsim: what it answers is unknown`)
      }
      load(draft, extension?.name ?? name, extension, column, 'match')
      return next
    }
    case 'jump':
    case 'goto': {
      once(draft.jumpAt, '-j')
      positive()
      const { words, next } = one()
      draft.jumpAt = column
      takeJump(draft, base, words[0]!, column, raw, context)
      return next
    }
    case 'counters': {
      positive()
      const { words, next } = gather(given, 1, 2, flag, options, i)
      const [packets, bytes] = words.length === 2 ? words : words[0]!.split(',')
      if (!packets || !bytes) throw new RuleError('-c requires packet and byte counter', column)
      if (!/^\d{1,20}$/.test(packets) || !/^\d{1,20}$/.test(bytes))
        throw new RuleError('-c packet and byte counter not numeric', column)
      draft.counters = [Number(packets), Number(bytes)]
      return next
    }
    case 'verbose':
      return none(given, option, i)
    case 'wait':
      throw new RuleError(`You cannot use \`${flag}' from iptables-restore`, column)
    case 'modprobe':
      return one().next
    case 'table':
      throw new RuleError('The -t option cannot be used in iptables-restore.', column)
    case 'listing':
      throw new RuleError(`Illegal option \`${flag}' with this command`, column)
    default:
      throw new RuleError(`Cannot use ${flag} with -A`, column)
  }
}

const warn = (draft: Draft, column: number, message: string): void => {
  draft.problems.push({ message, column, severity: 'warning' })
}
const otherFamilyHas = (find: typeof findMatch | typeof findTarget, name: string, family: Family): boolean =>
  find(name, family === 'ipv4' ? 'ipv6' : 'ipv4') !== undefined

function networks(word: string, not: boolean, column: number, context: LowerContext): readonly AddressMask[] {
  const cache = sharedOf(context).networks
  const key = not ? `!${word}` : word
  const hit = cache.get(key)
  if (hit) return hit
  const parts = word.split(',')
  if (not && parts.length > 1)
    throw new RuleError('! not allowed with multiple source or destination IP addresses', column)
  try {
    const found = parts.map(part => {
      const { address, mask } = readNetwork(part.trim(), context.family)
      return addressMask(address, mask, not)
    })
    cache.set(key, found)
    return found
  } catch (error) {
    throw at(error, column)
  }
}

const at = (error: unknown, column: number): unknown =>
  error instanceof BadValue ? new RuleError(error.message, column) : error

function interfaceName(name: string, not: boolean, column: number): InterfaceName {
  if (name === '') throw new RuleError('Empty interface is likely to be undesired', column)
  if (name.length > 15)
    throw new RuleError(`interface name \`${name}' must be shorter than IFNAMSIZ (15)`, column)
  return { name, not }
}

function takeJump(
  draft: Draft,
  kind: 'jump' | 'goto',
  name: string,
  column: number,
  raw: RawRule,
  context: LowerContext,
): void {
  if (name === '') throw new RuleError('Invalid target name (too short)', column)
  if (name.length > 28) throw new RuleError(`Invalid target name \`${name}' (28 chars max)`, column)
  if (context.chains.has(name)) {
    draft.jump = { kind, chain: name }
    return
  }
  if (kind === 'goto') throw new RuleError(`goto '${name}' is not a chain`, column)
  if (VERDICTS.has(name)) {
    if (name === 'DROP' && context.table === 'nat')
      throw new RuleError(
        'The "nat" table is not intended for filtering, the use of DROP is therefore inhibited.',
        column,
      )
    draft.jump = { kind: 'verdict', verdict: name as 'ACCEPT' | 'DROP' | 'RETURN' | 'QUEUE' }
    return
  }
  const extension = findTarget(name, context.family)
  // somebody's own target shows itself by options that follow; a bare name is a chain that isn't there
  const column0 = raw.options.findIndex(o => o.column === column)
  const ownOptions = raw.options.slice(column0 + 1).some(o => baseOption(o.flag) === undefined)
  if (!extension && (!ownOptions || otherFamilyHas(findTarget, name, context.family)))
    throw new RuleError(`Couldn't load target \`${name}': there is no such chain or target`, column)
  if (!extension) warn(draft, column, `target \`${name}' is not known to nfsim: what it does is unknown`)
  draft.target = load(draft, name, extension, column, 'target')
}
