import { hex, type MarkMask } from '../../values/mark.js'
import { readUint } from '../numbers.js'
import { type OptionSpec, option } from '../options.js'
import { outOfRange, readMarkMask } from '../values.js'

/** All ways to set a mark are one operation, "clear these bits, xor those", and come back as `--set-xmark`. */
const row = (flag: string, read: (word: string) => MarkMask): OptionSpec<MarkMask> =>
  option({
    flags: [flag],
    words: 1,
    read: ([word]) => read(word!),
    print: m => [`${hex(m.value)}/${hex(m.mask)}`],
    printFlag: () => '--set-xmark',
  })

function bits(word: string, flag: string): number {
  const n = readUint(word)
  if (Number.isNaN(n)) throw outOfRange(flag, 0, 0xffffffff)
  return n
}

/** The five spellings that MARK and CONNMARK share. */
export const xmarkRows = {
  setXmark: row('--set-xmark', w => readMarkMask(w, '--set-xmark')),
  setMark: row('--set-mark', w => {
    const { value, mask } = readMarkMask(w, '--set-mark')
    return { value, mask: (value | mask) >>> 0 }
  }),
  andMark: row('--and-mark', w => ({ value: 0, mask: ~bits(w, '--and-mark') >>> 0 })),
  orMark: row('--or-mark', w => {
    const n = bits(w, '--or-mark')
    return { value: n, mask: n }
  }),
  xorMark: row('--xor-mark', w => ({ value: bits(w, '--xor-mark'), mask: 0 })),
} as const

export const XMARK_FLAGS = {
  setXmark: '--set-xmark',
  setMark: '--set-mark',
  andMark: '--and-mark',
  orMark: '--or-mark',
  xorMark: '--xor-mark',
} as const

type XmarkArgs = { readonly [K in keyof typeof xmarkRows]?: { readonly value: MarkMask } | undefined }

/** The operation that a rule asks for, in whichever spelling. */
export const xmarkOf = (args: XmarkArgs): MarkMask | undefined =>
  (args.setXmark ?? args.setMark ?? args.andMark ?? args.orMark ?? args.xorMark)?.value
