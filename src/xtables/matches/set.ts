import { type ArgsOf, defineMatch, negate, type Truth } from '../extension.js'
import { readUint64 } from '../numbers.js'
import { BadValue, option, type OptionSpec } from '../options.js'
import { type Membership, membership, type SetSide } from '../sets/membership.js'
import { flag } from '../values.js'

/** A set and the sides of the packet that its positions are compared with. */
export interface SetUse {
  readonly set: string
  readonly sides: readonly SetSide[]
}

/** `NAME src,dst`: of -m set, and with other flags of -j SET. */
export const setUse = (
  flags: readonly [string, ...string[]],
  o: { readonly negatable?: boolean } = {},
): OptionSpec<SetUse> =>
  option({
    flags,
    words: 2,
    ...o,
    read([name, sides], _context, as) {
      if (name === '' || name!.length > 31)
        throw new BadValue(`setname \`${name}' must have 1 to 31 characters`)
      const read = sides!.split(',')
      if (read.length > 6) throw new BadValue("Can't be more src/dst options than 6.")
      if (!read.every((s): s is SetSide => s === 'src' || s === 'dst'))
        throw new BadValue(`"${as}" needs a comma separated list of 'src' and 'dst', not "${sides}"`)
      return { set: name!, sides: read }
    },
    print: ({ set: name, sides }) => [name, sides.join(',')],
  })

/** A counter of 64 bits, kept as decimal digits. */
const counter = (flagName: string, negatable = false): OptionSpec<string> =>
  option({
    flags: [flagName],
    words: 1,
    ...(negatable && { negatable }),
    read([word], _context, as) {
      const n = readUint64(word!)
      if (n === undefined) throw new BadValue(`bad value for option "${as}"`)
      return n.toString()
    },
    print: n => [n],
  })

const options = {
  match: setUse(['--match-set', '--set'], { negatable: true }),
  returnNomatch: flag('--return-nomatch'),
  updateCounters: flag('--update-counters', { negatable: true }),
  updateSubcounters: flag('--update-subcounters', { negatable: true }),
  packetsEq: counter('--packets-eq', true),
  packetsLt: counter('--packets-lt'),
  packetsGt: counter('--packets-gt'),
  bytesEq: counter('--bytes-eq', true),
  bytesLt: counter('--bytes-lt'),
  bytesGt: counter('--bytes-gt'),
} as const
type Args = ArgsOf<typeof options>

const asksCounters = (a: Args): boolean =>
  [a.packetsEq, a.packetsLt, a.packetsGt, a.bytesEq, a.bytesLt, a.bytesGt].some(Boolean)

/** --return-nomatch (ip_set_test()): of a set that knows exceptions, these fit, and nothing else does. */
const exceptedAlone = ({ is, nomatch }: Membership): Truth => nomatch || (is === 'unknown' ? is : false)

export const set = defineMatch({
  name: 'set',
  summary: 'is what the packet shows in an ipset?',
  doc: 'src and dst say, for each position of the set, which side of the packet is looked up. The set comes from `ipset save`.',
  kernel: 'net/netfilter/xt_set.c set_match_v4()',
  options,
  check({ match, packetsEq, packetsLt, packetsGt, bytesEq, bytesLt, bytesGt }) {
    if (!match) return "You must specify `--match-set' with proper arguments"
    if ([packetsEq, packetsLt, packetsGt].filter(Boolean).length > 1)
      return 'only one of --packets-eq, -lt and -gt may be given'
    return [bytesEq, bytesLt, bytesGt].filter(Boolean).length > 1
      ? 'only one of --bytes-eq, -lt and -gt may be given'
      : undefined
  },
  complete({ updateCounters, updateSubcounters, ...args }) {
    // updating is the default and isn't printed; only its absence is
    return {
      ...args,
      ...(updateCounters?.not && { updateCounters }),
      ...(updateSubcounters?.not && { updateSubcounters }),
    }
  },
  match(env, args) {
    if (!args.match) return 'unknown'
    const { set: name, sides } = args.match.value
    const found = membership(env, name, sides)
    const is = args.returnNomatch && found.excepts ? exceptedAlone(found) : found.is
    const counted = is === true && asksCounters(args) ? 'unknown' : is
    return negate(counted, args.match.not)
  },
  because(env, args) {
    if (!args.match) return 'no set is named'
    const { says, is } = membership(env, args.match.value.set, args.match.value.sides)
    return is === true && asksCounters(args) ? `${says}, but its counters are not followed` : says
  },
})
