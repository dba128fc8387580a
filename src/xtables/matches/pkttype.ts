import { type ArgsOf, defineMatch } from '../extension.js'
import { BadValue, option } from '../options.js'
import { allOf, isnt, part } from '../parts.js'

/** The word printed and what skb->pkt_type is called here, then other words for it. */
const TYPES = [
  ['unicast', 'host', 'host'],
  ['broadcast', 'broadcast', 'bcast'],
  ['multicast', 'multicast', 'mcast'],
  ['otherhost', 'otherhost', 'other'],
] as const
type TypeName = (typeof TYPES)[number][0]

const options = {
  type: option<TypeName>({
    flags: ['--pkt-type'],
    words: 1,
    negatable: true,
    required: true,
    read([word]) {
      const lower = word!.toLowerCase()
      const found = TYPES.find(([name, , ...others]) => [name, ...others].some(w => w === lower))
      if (!found) throw new BadValue(`Bad packet type '${word}'`)
      return found[0]
    },
    print: t => [t],
  }),
} as const

export const pkttype = defineMatch({
  name: 'pkttype',
  summary: 'whom the frame was addressed to at the link layer',
  doc: 'unicast is a frame to this machine. A looped-back multicast or broadcast is told by its IP address.',
  kernel: 'net/netfilter/xt_pkttype.c pkttype_mt()',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb }, { type }) => {
    if (!type) return []
    const [, asked] = TYPES.find(([name]) => name === type.value)!
    let seen: string = skb.pktType
    if (seen === 'loopback') {
      const { dst, family } = skb.packet
      const multicast = family === 'ipv4' ? Number.parseInt(dst, 10) >> 4 === 14 : dst.startsWith('ff')
      seen = multicast ? 'multicast' : 'broadcast'
    }
    const raw = seen === asked
    return [part(raw, type.not, () => `packet type ${seen} is ${isnt(raw)}${type.value}`)]
  }),
})
