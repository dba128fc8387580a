import { type ArgsOf, defineMatch } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { allOf, isnt, part } from '../parts.js'

/** The names stand for bits of the old TOS field, which is six bits wide: mask 0x3f. */
const NAMES = new Map([
  ['minimize-delay', 0x10],
  ['maximize-throughput', 0x08],
  ['maximize-reliability', 0x04],
  ['minimize-cost', 0x02],
  ['normal-service', 0x00],
])
const two = (n: number): string => `0x${n.toString(16).padStart(2, '0')}`
const text = (t: { value: number; mask: number }): string => `${two(t.value)}/${two(t.mask)}`

const options = {
  tos: option<{ readonly value: number; readonly mask: number }>({
    flags: ['--tos'],
    words: 1,
    negatable: true,
    required: true,
    read([word], _context, flag) {
      const named = NAMES.get(word!.toLowerCase())
      if (named !== undefined) return { value: named, mask: 0x3f }
      const [value, mask] = word!.split('/')
      const n = readUint(value!, 255)
      const m = mask === undefined ? 255 : readUint(mask, 255)
      if (Number.isNaN(n)) throw new BadValue(`Symbolic name "${word}" is unknown`)
      if (Number.isNaN(m)) throw new BadValue(`Illegal value for "${flag}" option: "${word}"`)
      return { value: n, mask: m }
    },
    print: t => [text(t)],
  }),
} as const

export const tos = defineMatch({
  name: 'tos',
  summary: 'the TOS or traffic class byte, under a mask',
  doc: 'By number, number/mask, or one of the five old names.',
  kernel: 'net/netfilter/xt_dscp.c tos_mt()',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { tos: asked }) => {
    if (!asked) return []
    const raw = (packet.tos & asked.value.mask) === asked.value.value
    return [part(raw, asked.not, () => `tos ${two(packet.tos)} is ${isnt(raw)}${text(asked.value)}`)]
  }),
})
