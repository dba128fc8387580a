import { FULL_MASK, hex, type MarkMask } from '../../values/mark.js'
import { defineMatch } from '../extension.js'
import { option, type OptionSpec } from '../options.js'
import { notTold } from '../parts.js'
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

export const devgroup = defineMatch({
  name: 'devgroup',
  summary: 'the group of the incoming or outgoing device (`ip link set dev … group`)',
  doc: 'Groups are not read from the dumps.',
  kernel: 'net/netfilter/xt_devgroup.c devgroup_mt()',
  options: { src: group('--src-group'), dst: group('--dst-group') },
  check({ src, dst }, { chain }) {
    if (!src && !dst) return "You must specify either '--src-group' or '--dst-group'"
    // devgroup_mt_checkentry()
    if (src && (chain === 'OUTPUT' || chain === 'POSTROUTING'))
      return 'there is no incoming device in OUTPUT and POSTROUTING'
    if (dst && (chain === 'PREROUTING' || chain === 'INPUT'))
      return 'there is no outgoing device in PREROUTING and INPUT'
    return undefined
  },
  ...notTold('the groups of devices are not read from the dumps'),
})
