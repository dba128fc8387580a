import { type Mac, parseMac } from '../../values/mac.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { BadValue, option } from '../options.js'
import { allOf, isnt, part } from '../parts.js'

const options = {
  source: option<Mac>({
    flags: ['--mac-source'],
    words: 1,
    negatable: true,
    required: true,
    read([word]) {
      const found = word!.includes('-') ? undefined : parseMac(word!)
      if (found === undefined) throw new BadValue('Invalid MAC address specified.')
      return found
    },
    print: m => [m],
  }),
} as const

export const mac = defineMatch({
  name: 'mac',
  summary: 'the Ethernet source address',
  doc: 'Of a frame that came in by an Ethernet device; anything else fits never, negated or not.',
  kernel: 'net/netfilter/xt_mac.c mac_mt()',
  hooks: ['PREROUTING', 'INPUT', 'FORWARD'],
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb }, { source }) => {
    if (!source) return []
    const { eth } = skb.packet
    if (!eth) return [part(false, false, () => 'it has no Ethernet header')]
    const raw = eth.src === source.value
    return [part(raw, source.not, () => `MAC source ${eth.src} is ${isnt(raw)}${source.value}`)]
  }),
})
