import { packetLength } from '../../skb/packet-summary.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, isnt, part } from '../parts.js'
import { inRange, rangeText, uintRange } from '../values.js'

const options = { length: uintRange('--length', { max: 0xffff, negatable: true, required: true }) } as const

export const length = defineMatch({
  name: 'length',
  summary: 'length of the IP packet in bytes, header included',
  doc: 'Of a simulated packet it is what a Linux client would send: TCP options are supposed.',
  kernel: 'net/netfilter/xt_length.c length_mt()',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { length: asked }) => {
    if (!asked) return []
    const seen = packetLength(packet)
    const raw = inRange(seen, asked.value)
    return [part(raw, asked.not, () => `length ${seen} is ${isnt(raw)}${rangeText(asked.value)}`)]
  }),
})
