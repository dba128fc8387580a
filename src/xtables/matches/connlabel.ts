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
  doc: 'With --set the match fits wherever there is a conntrack entry. Of an entry of the dump the labels are not told.',
  kernel: 'net/netfilter/xt_connlabel.c connlabel_mt()',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { ct } }, { label, set }) => {
    if (!label) return []
    if (ct?.kind !== 'tracked')
      return [part(false, label.not, () => 'it has no conntrack entry, so no label')]
    const { labels } = ct.entry
    const bit = Number(label.value)
    if (set) {
      labels?.add(bit)
      return [part(true, label.not, () => `label ${bit} is put on the connection`)]
    }
    const raw = labels?.has(bit) ?? 'unknown'
    return [
      part(raw, label.not, () =>
        labels
          ? `the connection has ${labels.has(bit) ? '' : 'not '}label ${bit}`
          : `whether the connection has label ${bit} is not told`,
      ),
    ]
  }),
})
