import type { MarkMask } from '../../values/mark.js'
import { defineTarget } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, type OptionSpec } from '../options.js'
import { namedTos, tosMaskText } from '../tos-names.js'
import { outOfRange } from '../values.js'
import { exactlyOne } from './given.js'

const FLAGS = { set: '--set-tos', and: '--and-tos', or: '--or-tos', xor: '--xor-tos' } as const

/** Four spellings of "clear these bits, xor those", all printed as --set-tos. */
const row = (flag: string, read: (word: string) => MarkMask): OptionSpec<MarkMask> => ({
  flags: [flag],
  words: 1,
  read: ([word]) => read(word!),
  print: t => [tosMaskText(t)],
  printFlag: () => FLAGS.set,
})

function byte(word: string, flag: string): number {
  const n = readUint(word, 255)
  if (Number.isNaN(n)) throw outOfRange(flag, 0, 255)
  return n
}

function readTos(word: string): MarkMask {
  const named = namedTos(word)
  if (named) return named
  const slash = word.indexOf('/')
  const value = readUint(slash < 0 ? word : word.slice(0, slash), 255)
  const mask = slash < 0 ? 0xff : readUint(word.slice(slash + 1), 255)
  if (Number.isNaN(value) || Number.isNaN(mask))
    throw new BadValue(`"${word}" is neither a TOS value (0-255, with or without a mask) nor a name of one`)
  return { value, mask }
}

/** Changes the type-of-service byte. */
export const tosTarget = defineTarget({
  name: 'TOS',
  summary: 'set, and, or, xor the TOS byte (IPv6: traffic class)',
  doc: 'Clears the bits of the mask and xors the value. The five old names keep the two highest bits.',
  kernel: 'net/netfilter/xt_DSCP.c tos_tg(), tos_tg6()',
  tables: ['mangle'],
  options: {
    set: row(FLAGS.set, readTos),
    and: row(FLAGS.and, w => ({ value: 0, mask: ~byte(w, FLAGS.and) & 0xff })),
    or: row(FLAGS.or, w => ({ value: byte(w, FLAGS.or), mask: byte(w, FLAGS.or) })),
    xor: row(FLAGS.xor, w => ({ value: byte(w, FLAGS.xor), mask: 0 })),
  },
  check: args => exactlyOne(args, FLAGS),
  act({ skb }, { set, and, or, xor }) {
    const op = (set ?? and ?? or ?? xor)?.value ?? { value: 0, mask: 0 }
    const tos = ((skb.packet.tos & ~op.mask) ^ op.value) & 0xff
    return { kind: 'continue', skb: { ...skb, packet: { ...skb.packet, tos } } }
  },
})
