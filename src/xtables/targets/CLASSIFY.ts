import { defineTarget } from '../extension.js'
import { BadValue, option } from '../options.js'

const half = (n: number): string => (n & 0xffff).toString(16).padStart(4, '0')

/** Chooses a traffic class for the queueing discipline. */
export const classifyTarget = defineTarget({
  name: 'CLASSIFY',
  summary: 'set the packet’s priority, which chooses a traffic class (tc)',
  doc: 'Both halves of major:minor are hexadecimal, 16 bits each; higher bits are cut off.',
  kernel: 'net/netfilter/xt_CLASSIFY.c classify_tg()',
  hooks: ['FORWARD', 'OUTPUT', 'POSTROUTING'],
  options: {
    class: option<number>({
      flags: ['--set-class'],
      words: 1,
      required: true,
      read([word]) {
        const found = /^\s*(?:0[xX])?([0-9a-fA-F]{1,8}):(?:0[xX])?([0-9a-fA-F]{1,8})/.exec(word!)
        if (!found) throw new BadValue(`bad class value "${word}"`)
        const [major, minor] = [Number.parseInt(found[1]!, 16), Number.parseInt(found[2]!, 16)]
        return (((major & 0xffff) << 16) | (minor & 0xffff)) >>> 0
      },
      print: n => [`${half(n >>> 16)}:${half(n)}`],
    }),
  },
  act: ({ skb }, args) => ({
    kind: 'continue',
    skb: { ...skb, priority: args.class?.value ?? skb.priority },
  }),
})
