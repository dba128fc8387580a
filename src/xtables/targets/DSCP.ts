import { defineTarget } from '../extension.js'
import { BadValue, option } from '../options.js'
import { uint } from '../values.js'
import { exactlyOne } from './given.js'

/** RFC 2474, 2597, 3246: names of code points. */
const CLASSES = new Map<string, number>([
  ['be', 0],
  ['ef', 0x2e],
  ...Array.from({ length: 8 }, (_, i) => [`cs${i}`, i << 3] as const),
  ...[1, 2, 3, 4].flatMap(c => [1, 2, 3].map(p => [`af${c}${p}`, (c << 3) | (p << 1)] as const)),
])

const hex2 = (n: number): string => `0x${n.toString(16).padStart(2, '0')}`

/** Sets the differentiated services code point. */
export const dscpTarget = defineTarget({
  name: 'DSCP',
  summary: 'set the DSCP bits of the TOS (traffic class) byte',
  doc: 'The upper six bits of the byte; the two ECN bits stay.',
  kernel: 'net/netfilter/xt_DSCP.c dscp_tg(), dscp_tg6()',
  tables: ['mangle'],
  options: {
    value: { ...uint('--set-dscp', { max: 63 }), print: (n: number) => [hex2(n)] },
    className: option<number>({
      flags: ['--set-dscp-class'],
      words: 1,
      read([word]) {
        const code = CLASSES.get(word!.toLowerCase())
        if (code === undefined) throw new BadValue(`"${word}" is no DSCP class`)
        return code
      },
      print: n => [hex2(n)],
      printFlag: () => '--set-dscp',
    }),
  },
  check: args => exactlyOne(args, { value: '--set-dscp', className: '--set-dscp-class' }),
  act({ skb }, { value, className }) {
    const code = (value ?? className)?.value ?? 0
    const tos = (skb.packet.tos & 3) | (code << 2)
    return { kind: 'continue', skb: { ...skb, packet: { ...skb.packet, tos } } }
  },
})
