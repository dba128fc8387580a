import { type ArgsOf, defineMatch } from '../extension.js'
import { option } from '../options.js'
import { allOf, isnt, part } from '../parts.js'
import { FULL_MASK, hex, type MarkMask } from '../../values/mark.js'
import { readMarkMask } from '../values.js'

const options = {
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
} as const

export const realm = defineMatch({
  name: 'realm',
  summary: "the realm of the packet's route",
  doc: 'By number: that of the route on, and above 16 bits that of the route back to the source. Names of /etc/iproute2/rt_realms are not in a dump, and realms of `ip rule` are not followed: unknown.',
  kernel: 'net/netfilter/xt_realm.c realm_mt()',
  family: 'ipv4',
  hooks: ['INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  options,
  ...allOf<ArgsOf<typeof options>>(({ realms }, { realm: asked }) => {
    if (!asked) return []
    const { value, mask } = asked.value
    const seen = realms()
    const raw = seen === undefined ? 'unknown' : (seen & mask) >>> 0 === value
    return [
      part(raw, asked.not, () =>
        seen === undefined
          ? 'the realm of its route is given by a name, or by a rule of policy routing: that is not followed'
          : `its route has ${seen === 0 ? 'no realm' : `the realm ${hex(seen)}`}, which is ${isnt(raw)}${hex(value)}`,
      ),
    ]
  }),
})
