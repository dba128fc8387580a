import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, part } from '../parts.js'
import { flag, uint32, uintRange } from '../values.js'

const spi = uintRange('--ahspi', { negatable: true, hideFull: true })

export const ah4 = defineMatch({
  name: 'ah',
  summary: 'the SPI of an AH packet',
  doc: 'The SPI is not part of a simulated packet.',
  kernel: 'net/ipv4/netfilter/ipt_ah.c ah_mt()',
  family: 'ipv4',
  protos: [PROTO.ah],
  options: { spi },
  match: (_env, args) => (args.spi ? 'unknown' : true),
  because: (_env, args) => (args.spi ? 'the SPI of the packet is not told' : 'it is an AH packet'),
})

const options = {
  spi,
  length: uint32('--ahlen', { negatable: true }),
  reserved: flag('--ahres'),
} as const

export const ah6 = defineMatch({
  name: 'ah',
  summary: 'the authentication header of an IPv6 packet',
  doc: 'Fits only packets that have the header; its fields are not part of a simulated packet.',
  kernel: 'net/ipv6/netfilter/ip6t_ah.c ah_mt6()',
  family: 'ipv6',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, args) => {
    if (packet.proto !== PROTO.ah) return [part(false, false, () => 'it has no authentication header')]
    return Object.keys(args).length === 0
      ? [part(true, false, () => 'it has an authentication header')]
      : [part('unknown', false, () => 'the fields of its authentication header are not told')]
  }),
})
