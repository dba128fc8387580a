import { defineMatch } from '../extension.js'
import { option } from '../options.js'
import { notTold } from '../parts.js'
import { FULL_MASK, hex, type MarkMask } from '../../values/mark.js'
import { readMarkMask } from '../values.js'

export const realm = defineMatch({
  name: 'realm',
  summary: "the realm of the packet's route",
  doc: 'By number; names of /etc/iproute2/rt_realms are not in a dump. Realms are not read from the routes.',
  kernel: 'net/netfilter/xt_realm.c realm_mt()',
  family: 'ipv4',
  hooks: ['INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  options: {
    realm: option<MarkMask>({
      flags: ['--realm'],
      words: 1,
      negatable: true,
      required: true,
      // cosmos is the only name of rt_realms as it comes
      read: ([word], _context, as) =>
        word === 'cosmos' ? { value: 0, mask: FULL_MASK } : readMarkMask(word!, as),
      print: ({ value, mask }) => [
        mask !== FULL_MASK ? `${hex(value)}/${hex(mask)}` : value === 0 ? 'cosmos' : hex(value),
      ],
    }),
  },
  ...notTold('the realm of the route is not told'),
})
