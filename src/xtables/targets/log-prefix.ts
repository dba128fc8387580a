import { BadValue, type OptionSpec } from '../options.js'
import { cutBytes } from './given.js'

/** A prefix for log lines: free text, quoted in print, cut to what the kernel's field holds (bytes). */
export const logPrefix = (flag: string, max: number): OptionSpec<string> => ({
  flags: [flag],
  words: 1,
  quote: true,
  read([word]) {
    if (word === '') throw new BadValue(`the text after "${flag}" is empty`)
    if (word!.includes('\n')) throw new BadValue(`no line break may stand in the text after "${flag}"`)
    return cutBytes(word!, max)
  },
  print: s => [s],
})
