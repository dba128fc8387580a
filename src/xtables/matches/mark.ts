import { hex, masked } from '../../values/mark.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, part } from '../parts.js'
import { maskedMark } from '../values.js'

const options = { mark: maskedMark('--mark', { required: true, negatable: true }) } as const

export const mark = defineMatch({
  name: 'mark',
  summary: 'the packet mark (nfmark), under a mask',
  doc: 'Fits if mark & mask is the value. A value with bits outside of the mask fits never.',
  kernel: 'net/netfilter/xt_mark.c mark_mt()',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb }, { mark: asked }) => {
    if (!asked) return []
    const { value, mask } = asked.value
    const seen = masked(skb.mark, mask)
    const raw = seen === value
    return [
      part(
        raw,
        asked.not,
        () => `mark ${hex(skb.mark)} & ${hex(mask)} is ${hex(seen)}${raw ? '' : `, not ${hex(value)}`}`,
      ),
    ]
  }),
})
