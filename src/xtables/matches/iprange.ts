import { compareBits, type Ip, ipBits } from '../../values/ip.js'
import { type IpRange, ipRange } from '../addresses.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, isnt, type Part, part } from '../parts.js'

const options = {
  src: ipRange('--src-range', { negatable: true }),
  dst: ipRange('--dst-range', { negatable: true }),
} as const

export const iprange = defineMatch({
  name: 'iprange',
  summary: 'source or destination in a range of addresses',
  doc: 'A range whose end lies before its start fits nothing.',
  kernel: 'net/netfilter/xt_iprange.c iprange_mt4(), iprange_mt6()',
  options,
  check: ({ src, dst }) => (src || dst ? undefined : "You must specify `--src-range' or `--dst-range'"),
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { src, dst }) => {
    const parts: Part[] = []
    if (src) parts.push(rangePart('source', packet.src, src))
    if (dst) parts.push(rangePart('destination', packet.dst, dst))
    return parts
  }),
})

function rangePart(what: string, seen: Ip, { value, not }: { value: IpRange; not: boolean }): Part {
  const bits = ipBits(seen)
  const raw = compareBits(bits, ipBits(value.from)) >= 0 && compareBits(bits, ipBits(value.to)) <= 0
  return part(raw, not, () => `${what} ${seen} is ${isnt(raw)}in ${value.from}-${value.to}`)
}
