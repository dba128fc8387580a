import { FULL_MASK, hex, masked, type MarkMask } from '../../values/mark.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { option, type OptionSpec } from '../options.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { readMarkMask } from '../values.js'

/** A group by number, number/mask, or `default`, the only name of /etc/iproute2/group as it comes. */
const group = (flagName: string): OptionSpec<MarkMask> =>
  option({
    flags: [flagName],
    words: 1,
    negatable: true,
    read: ([word], _context, as) =>
      word === 'default' ? { value: 0, mask: FULL_MASK } : readMarkMask(word!, as),
    print: ({ value, mask }) => [
      mask !== FULL_MASK ? `${hex(value)}/${hex(mask)}` : value === 0 ? 'default' : hex(value),
    ],
  })

const options = { src: group('--src-group'), dst: group('--dst-group') } as const

export const devgroup = defineMatch({
  name: 'devgroup',
  summary: 'the group of the incoming or outgoing device (`ip link set dev … group`)',
  doc: 'Numbers, with or without a mask. `ip addr` tells the group of each device; a name other than default is unknown.',
  kernel: 'net/netfilter/xt_devgroup.c devgroup_mt()',
  options,
  check({ src, dst }, { chain }) {
    if (!src && !dst) return "You must specify either '--src-group' or '--dst-group'"
    // devgroup_mt_checkentry()
    if (src && (chain === 'OUTPUT' || chain === 'POSTROUTING'))
      return 'there is no incoming device in OUTPUT and POSTROUTING'
    if (dst && (chain === 'PREROUTING' || chain === 'INPUT'))
      return 'there is no outgoing device in PREROUTING and INPUT'
    return undefined
  },
  ...allOf<ArgsOf<typeof options>>(({ netns, in: inDev, out: outDev }, { src, dst }) => {
    const parts: Part[] = []
    for (const [asked, dev] of [
      [src, inDev],
      [dst, outDev],
    ] as const) {
      if (!asked) continue
      const seen = netns.ifaces.find(i => i.name === dev)?.group
      const { value, mask } = asked.value
      const raw = seen === undefined ? 'unknown' : masked(seen ^ value, mask) === 0
      parts.push(
        part(raw, asked.not, () =>
          seen === undefined
            ? `the group of ${dev ?? 'the device'} is not told`
            : `${dev} is in group ${hex(seen)}, which is ${isnt(raw)}${hex(value)}/${hex(mask)}`,
        ),
      )
    }
    return parts
  }),
})
