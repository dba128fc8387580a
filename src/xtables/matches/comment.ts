import { defineMatch } from '../extension.js'
import { option } from '../options.js'
import { byteLength } from '../values.js'

/** XT_MAX_COMMENT_LEN, less the closing zero. */
const LONGEST = 255

/** The tool keeps the first 255 bytes and says nothing of the rest. */
function shortened(word: string): string {
  if (word.length * 3 <= LONGEST || byteLength(word) <= LONGEST) return word
  let out = ''
  let bytes = 0
  for (const character of word) {
    bytes += byteLength(character)
    if (bytes > LONGEST) break
    out += character
  }
  return out
}

export const comment = defineMatch({
  name: 'comment',
  summary: 'a remark on the rule; always fits',
  doc: 'Up to 255 bytes of text, without any effect; more is cut off.',
  kernel: 'net/netfilter/xt_comment.c comment_mt()',
  options: {
    comment: option<string>({
      flags: ['--comment'],
      words: 1,
      required: true,
      quote: true,
      read: ([word]) => shortened(word!),
      print: words => [words],
    }),
  },
  match: () => true,
  because: (_env, { comment: remark }) => `a comment fits always: ${remark?.value}`,
})
