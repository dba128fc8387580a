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
  doc: 'By number; names of /etc/iproute2/rt_realms are not in a dump. Where a route or a rule of the dump has one, the answer is unknown.',
  kernel: 'net/netfilter/xt_realm.c realm_mt()',
  family: 'ipv4',
  hooks: ['INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  options,
  ...allOf<ArgsOf<typeof options>>(({ netns }, { realm: asked }) => {
    if (!asked) return []
    // a realm comes from the route out, the route back, or a rule; where there is none, all are 0
    const given = [...netns.routes, ...netns.rules].some(({ text }) => /\brealms?\b/.test(text))
    if (given)
      return [
        part('unknown', asked.not, () => 'there are routes with realms: which one counts is not followed'),
      ]
    const raw = asked.value.value === 0
    return [
      part(raw, asked.not, () => `no route has a realm, which is ${isnt(raw)}${hex(asked.value.value)}`),
    ]
  }),
})
