import { connectionOf } from '../../skb/skb.js'
import { hex, masked } from '../../values/mark.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, part } from '../parts.js'
import { maskedMark } from '../values.js'

const options = { mark: maskedMark('--mark', { required: true, negatable: true }) } as const

export const connmark = defineMatch({
  name: 'connmark',
  summary: "the connection's mark (ctmark), under a mask",
  doc: 'Fits no packet without a conntrack entry, negated or not.',
  kernel: 'net/netfilter/xt_connmark.c connmark_mt()',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb }, { mark: asked }) => {
    if (!asked) return []
    const entry = connectionOf(skb)
    if (!entry) return [part(false, false, () => 'it has no conntrack entry, so no ctmark')]
    const { value, mask } = asked.value
    const seen = masked(entry.mark, mask)
    const raw = seen === value
    return [
      part(
        raw,
        asked.not,
        () => `ctmark ${hex(entry.mark)} & ${hex(mask)} is ${hex(seen)}${raw ? '' : `, not ${hex(value)}`}`,
      ),
    ]
  }),
})
