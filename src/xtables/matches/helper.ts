import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, isnt, part } from '../parts.js'
import { text } from '../values.js'

const options = { helper: text('--helper', { required: true, max: 29, negatable: true }) } as const

export const helper = defineMatch({
  name: 'helper',
  summary: 'the conntrack helper that expected this connection',
  doc: 'Of a RELATED connection: the helper of its master. An empty name stands for any helper.',
  kernel: 'net/netfilter/xt_helper.c helper_mt()',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { ct } }, { helper: asked }) => {
    if (!asked) return []
    const seen = ct?.kind === 'tracked' ? ct.entry.master?.helper : undefined
    // the kernel compares as many characters as its own name has: ftp-2121 asks for ftp as well
    const raw = seen !== undefined && (asked.value === '' || asked.value.startsWith(seen))
    return [part(raw, asked.not, () => `helper ${seen ?? '(none)'} is ${isnt(raw)}${asked.value || 'any'}`)]
  }),
})
