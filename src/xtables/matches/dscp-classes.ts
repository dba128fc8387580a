import { readUint } from '../numbers.js'
import { BadValue, option, type OptionSpec } from '../options.js'
import type { RowOptions } from '../values.js'

/** Class names of RFC 2474, 2597 and 3246, with their code points. */
const CLASSES = new Map<string, number>([
  ['BE', 0],
  ['EF', 0x2e],
  ...[0, 1, 2, 3, 4, 5, 6, 7].map(n => [`CS${n}`, n << 3] as const),
  ...[1, 2, 3, 4].flatMap(c => [1, 2, 3].map(d => [`AF${c}${d}`, (c << 3) | (d << 1)] as const)),
])

/** A code point by number or, where the flag ends in `-class`, by name; printed `0x2e`. */
export const dscpValue = (flags: readonly [string, ...string[]], o: RowOptions = {}): OptionSpec<number> =>
  option({
    flags,
    words: 1,
    ...o,
    read([word], _context, flag) {
      if (flag.endsWith('-class')) {
        const found = CLASSES.get(word!.toUpperCase())
        if (found === undefined) throw new BadValue(`Invalid DSCP value \`${word}'`)
        return found
      }
      const n = readUint(word!, 63)
      if (Number.isNaN(n)) throw new BadValue(`bad value for option "${flag}", or out of range (0-63).`)
      return n
    },
    print: n => [`0x${n.toString(16).padStart(2, '0')}`],
  })
