import { type ArgsOf, defineMatch } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { allOf, isnt, part } from '../parts.js'
import { namedTos, tosMaskText, tosText } from '../tos-names.js'

const options = {
  tos: option<{ readonly value: number; readonly mask: number }>({
    flags: ['--tos'],
    words: 1,
    negatable: true,
    required: true,
    read([word], _context, flag) {
      const named = namedTos(word!)
      if (named) return named
      const [value, mask] = word!.split('/')
      const n = readUint(value!, 255)
      const m = mask === undefined ? 255 : readUint(mask, 255)
      if (Number.isNaN(n)) throw new BadValue(`Symbolic name "${word}" is unknown`)
      if (Number.isNaN(m)) throw new BadValue(`Illegal value for "${flag}" option: "${word}"`)
      return { value: n, mask: m }
    },
    print: t => [tosMaskText(t)],
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
    return [
      part(raw, asked.not, () => `tos ${tosText(packet.tos)} is ${isnt(raw)}${tosMaskText(asked.value)}`),
    ]
  }),
})
