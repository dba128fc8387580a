import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { allOf, hasTransport, isnt, part } from '../parts.js'
import { inRange, type Range, rangeText } from '../values.js'

const NAMES: readonly (readonly [name: string, type: number])[] = [
  ['binding-refresh-request', 0],
  ['brr', 0],
  ['home-test-init', 1],
  ['hoti', 1],
  ['careof-test-init', 2],
  ['coti', 2],
  ['home-test', 3],
  ['hot', 3],
  ['careof-test', 4],
  ['cot', 4],
  ['binding-update', 5],
  ['bu', 5],
  ['binding-acknowledgement', 6],
  ['ba', 6],
  ['binding-error', 7],
  ['be', 7],
]

function readType(word: string): number {
  const lower = word.toLowerCase()
  // any beginning will do, and of several the tool takes the first
  const found =
    NAMES.find(([name]) => name === lower) ?? NAMES.find(([name]) => word !== '' && name.startsWith(lower))
  if (found) return found[1]
  const n = readUint(word, 255)
  if (Number.isNaN(n)) throw new BadValue(`Invalid MH type \`${word}'`)
  return n
}

const options = {
  type: option<Range>({
    flags: ['--mh-type'],
    words: 1,
    negatable: true,
    read([word]) {
      const [low, high] = word!.split(':')
      const from = low === '' && high !== undefined ? 0 : readType(low!)
      const to = high === undefined ? from : high === '' ? 255 : readType(high)
      if (from > to) throw new BadValue('Invalid MH type range (min > max)')
      return { from, to }
    },
    print: r => (r.from === 0 && r.to === 255 ? undefined : [rangeText(r)]),
  }),
} as const

export const mh = defineMatch({
  name: 'mh',
  summary: 'the type of a Mobility Header message',
  doc: 'By number or name, or a range; unknown where the packet does not tell it.',
  kernel: 'net/netfilter/xt_tcpudp.c; net/ipv6/netfilter/ip6t_mh.c mh_mt6()',
  family: 'ipv6',
  protos: [PROTO.mh],
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { type }) => {
    // mh_mt6(): must not be a fragment
    if (!hasTransport(packet))
      return [part(false, false, () => 'it is a second or further fragment, its type cannot be seen')]
    if (!type) return [part(true, false, () => 'it is a Mobility Header packet')]
    const seen = packet.mhType
    const raw = seen === undefined ? 'unknown' : inRange(seen, type.value)
    return [
      part(raw, type.not, () =>
        seen === undefined
          ? 'the MH type of the packet is not told'
          : `MH type ${seen} is ${isnt(raw)}${rangeText(type.value)}`,
      ),
    ]
  }),
})
