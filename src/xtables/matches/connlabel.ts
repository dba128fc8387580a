import { type ArgsOf, defineMatch } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { allOf, part } from '../parts.js'
import { flag } from '../values.js'

const options = {
  label: option<string>({
    flags: ['--label'],
    words: 1,
    negatable: true,
    required: true,
    read([word]) {
      const n = readUint(word!, 127)
      // names come from /etc/xtables/connlabel.conf, which no dump holds
      if (Number.isNaN(n)) throw new BadValue(`label '${word}' not found or invalid value`)
      return String(n)
    },
    print: label => [`"${label}"`],
  }),
  set: flag('--set'),
} as const

export const connlabel = defineMatch({
  name: 'connlabel',
  summary: 'a label bit of the connection; --set puts it on',
  doc: 'Labels are not in the dumps. With --set the match fits wherever there is a conntrack entry.',
  kernel: 'net/netfilter/xt_connlabel.c connlabel_mt()',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { ct } }, { label, set }) => {
    if (!label) return []
    if (ct?.kind !== 'tracked')
      return [part(false, label.not, () => 'it has no conntrack entry, so no label')]
    if (set) return [part(true, label.not, () => `label ${label.value} is put on the connection`)]
    return [part('unknown', label.not, () => `whether the connection has label ${label.value} is not told`)]
  }),
})
