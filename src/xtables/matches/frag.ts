import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { flag, inRange, rangeText, uint32, uintRange } from '../values.js'

const options = {
  id: uintRange('--fragid', { negatable: true, hideFull: true }),
  length: uint32('--fraglen', { negatable: true }),
  res: flag('--fragres'),
  first: flag('--fragfirst'),
  more: flag('--fragmore'),
  last: flag('--fraglast'),
} as const

export const frag = defineMatch({
  name: 'frag',
  summary: 'the fragment header of an IPv6 packet',
  doc: 'Fits fragments only. After reassembly, which conntrack does, none is left.',
  kernel: 'net/ipv6/netfilter/ip6t_frag.c frag_mt6()',
  family: 'ipv6',
  options,
  check: ({ more, last }) =>
    more && last ? 'option "--fragmore" cannot be used together with "--fraglast".' : undefined,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { id, first, more, last, res, length }) => {
    const { fragmentOffset: offset, moreFragments } = packet
    if (offset === 0 && !moreFragments) return [part(false, false, () => 'it has no fragment header')]
    const parts: Part[] = []
    if (id) {
      const raw = inRange(packet.id, id.value)
      parts.push(part(raw, id.not, () => `fragment id ${packet.id} is ${isnt(raw)}${rangeText(id.value)}`))
    }
    // it asks that they be 0, which they are
    if (res) parts.push(part(true, false, () => 'the reserved bits are 0'))
    // the kernel has compared no length since 2007, though it keeps the option
    if (length) parts.push(part(true, false, () => 'the length of a fragment header is not compared'))
    if (first) parts.push(part(offset === 0, false, () => `it is ${isnt(offset === 0)}the first fragment`))
    if (more)
      parts.push(part(moreFragments, false, () => `more fragments ${moreFragments ? '' : 'do not '}follow`))
    if (last)
      parts.push(part(!moreFragments, false, () => `more fragments ${moreFragments ? '' : 'do not '}follow`))
    return parts
  }),
})
