import { widthOf } from '../../values/ip.js'
import { maskLength, readMask } from '../addresses.js'
import { readUint } from '../numbers.js'
import type { OptionSpec } from '../options.js'

/** A number printed in hexadecimal with leading zeros. */
export const padded = (row: OptionSpec<number>, digits: number): OptionSpec<number> => ({
  ...row,
  print: n => [`0x${n.toString(16).padStart(digits, '0')}`],
})

/** The length of a mask that an address is hashed under. */
export const prefixRow = (name: string): OptionSpec<number> => ({
  flags: [name],
  words: 1,
  read([word], { family }) {
    // IPv4 lengths above 32 count as 32
    if (family === 'ipv4' && readUint(word!, 255) > 32) return 32
    const length = maskLength(readMask(word!, family))
    return length < 0 ? widthOf(family) : length
  },
  print: n => [String(n)],
})
