import { extensionLength } from '../../skb/packet-summary.js'
import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { flag, uint32, uintRange } from '../values.js'
import { headerOf } from './extension-headers.js'
import { spiPart, spiParts } from './spi.js'

const spi = uintRange('--ahspi', { negatable: true, hideFull: true })

export const ah4 = defineMatch({
  name: 'ah',
  summary: 'the SPI of an AH packet',
  doc: 'A number that each end of an IPsec connection chooses; unknown where the packet does not tell it.',
  kernel: 'net/ipv4/netfilter/ipt_ah.c ah_mt()',
  family: 'ipv4',
  protos: [PROTO.ah],
  options: { spi },
  ...allOf<ArgsOf<{ readonly spi: typeof spi }>>(({ skb }, args) => spiParts('AH', skb.packet, args.spi)),
})

const options = {
  spi,
  length: uint32('--ahlen', { negatable: true }),
  reserved: flag('--ahres'),
} as const

export const ah6 = defineMatch({
  name: 'ah',
  summary: 'the authentication header of an IPv6 packet',
  doc: 'Fits only packets that have the header: its SPI, its length in bytes, its reserved bits (which are 0).',
  kernel: 'net/ipv6/netfilter/ip6t_ah.c ah_mt6()',
  family: 'ipv6',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, args) => {
    const header = headerOf(packet, 'ah')
    if (!header) return [part(false, false, () => 'it has no authentication header')]
    const parts: Part[] = [part(true, false, () => 'it has an authentication header')]
    if (args.spi) parts.push(spiPart('SPI', header.spi, args.spi))
    if (args.length) {
      const seen = extensionLength(header)
      const { value, not } = args.length
      parts.push(
        part(
          seen === value,
          not,
          () => `its authentication header has ${seen} bytes, ${isnt(seen === value)}${value}`,
        ),
      )
    }
    return parts
  }),
})
