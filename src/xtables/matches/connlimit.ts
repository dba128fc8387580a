import { tupleOf } from '../../conntrack/packet-tuple.js'
import { connectionOf } from '../../skb/skb.js'
import { cached } from '../../values/cached.js'
import { ipBits, widthOf } from '../../values/ip.js'
import { sameUnderMask } from '../../values/prefix.js'
import { maskLength, readMask } from '../addresses.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { allOf, isnt, part, stateOf } from '../parts.js'
import { maskBits } from '../../values/prefix.js'
import { outOfRange } from '../values.js'

interface Bound {
  readonly above: boolean
  readonly count: number
}

const options = {
  bound: option<Bound>({
    flags: ['--connlimit-upto', '--connlimit-above'],
    words: 1,
    negatable: true,
    read([word], _context, as) {
      const count = readUint(word!)
      if (Number.isNaN(count)) throw outOfRange(as, 0, 0xffffffff)
      return { above: as === '--connlimit-above', count }
    },
    print: b => [String(b.count)],
    printFlag: b => (b.above ? '--connlimit-above' : '--connlimit-upto'),
  }),
  mask: option<number>({
    flags: ['--connlimit-mask'],
    words: 1,
    read([word], { family }) {
      const n = readUint(word!)
      // a length that is too long stands for all bits
      const length = Number.isNaN(n) ? maskLength(readMask(word!, family)) : Math.min(n, widthOf(family))
      if (length < 0) throw new BadValue(`"${word}" is no contiguous mask`)
      return length
    },
    print: n => [String(n)],
  }),
  side: option<'src' | 'dst'>({
    flags: ['--connlimit-saddr', '--connlimit-daddr'],
    words: 0,
    read: (_words, _context, as) => (as === '--connlimit-daddr' ? 'dst' : 'src'),
    print: () => [],
    printFlag: side => (side === 'dst' ? '--connlimit-daddr' : '--connlimit-saddr'),
  }),
} as const

export const connlimit = defineMatch({
  name: 'connlimit',
  summary: 'how many connections an address or a network has open',
  doc: `Counts the connections that have come to the rule, this one too, and those of the snapshot's conntrack dump. Where
conntrack has not looked yet (raw), every direction is a connection of its own.`,
  kernel: 'net/netfilter/xt_connlimit.c connlimit_mt()',
  options,
  check: ({ bound }) => (bound ? undefined : 'You must specify "--connlimit-above" or "--connlimit-upto".'),
  complete: (args, { family }) => ({
    ...args,
    ...(args.bound?.not && {
      bound: { value: { ...args.bound.value, above: !args.bound.value.above }, not: false },
    }),
    mask: args.mask ?? { value: widthOf(family), not: false },
    side: args.side ?? { value: 'src' as const, not: false },
  }),
  ...allOf<ArgsOf<typeof options>>((env, args) => {
    const { bound, mask, side } = args
    const { packet } = env.skb
    const { netns, family } = env
    if (!bound) return []
    const which = side?.value ?? 'src'
    const bits = maskBits(family, mask?.value ?? widthOf(family))
    const own = ipBits(packet[which])
    const others = netns.conntrack.filter(({ original }) => {
      const theirs = ipBits(original[which])
      return theirs.length === own.length && sameUnderMask(theirs, own, bits)
    })
    const tuple = connectionOf(env.skb)?.original ?? tupleOf(packet)
    if (!tuple) return [part(false, false, () => 'it is of no connection')]
    // nf_conncount_add(): a list for each masked address
    const counted = stateOf(env, args, () => new Map<string, Set<string>>())
    const key = own.map((word, i) => (word & bits[i]!) >>> 0).join()
    const seen = cached(counted, key, () => new Set<string>())
    const isKnown = others.some(
      ({ proto, original: o }) =>
        proto === tuple.proto &&
        o.src === tuple.src.address &&
        o.dst === tuple.dst.address &&
        (o.sport ?? 0) === tuple.src.port &&
        (o.dport ?? 0) === tuple.dst.port,
    )
    if (!isKnown) seen.add(JSON.stringify(tuple))
    const count = others.length + seen.size
    const raw = count > bound.value.count
    return [
      part(
        raw,
        !bound.value.above,
        () => `${packet[which]} has ${count} connections, ${isnt(raw)}more than ${bound.value.count}`,
      ),
    ]
  }),
})
