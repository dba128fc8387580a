import { BadValue, option, type OptionSpec } from '../options.js'
import type { RowOptions } from '../values.js'

/**
 * A comma list of words of which the kernel keeps a bit each: printed in the order of `words`, each once,
 * whatever the order given. Case is ignored.
 */
export const wordBits = (
  flags: readonly [string, ...string[]],
  words: readonly string[],
  complain: (word: string) => string,
  o: RowOptions & { readonly none?: string } = {},
): OptionSpec<readonly string[]> =>
  option({
    flags,
    words: 1,
    ...o,
    read([word]) {
      const given = new Set<string>()
      for (const item of word!.split(',')) {
        const found = words.find(w => w.toLowerCase() === item.toLowerCase())
        if (found !== undefined) given.add(found)
        else if (o.none === undefined || item.toLowerCase() !== o.none.toLowerCase())
          throw new BadValue(complain(item))
      }
      return words.filter(w => given.has(w))
    },
    print: list => [list.length === 0 ? (o.none ?? '') : list.join(',')],
  })
