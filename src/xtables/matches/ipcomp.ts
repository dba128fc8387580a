import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf } from '../parts.js'
import { flag, uintRange } from '../values.js'
import { spiParts } from './spi.js'

const IPPROTO_COMP = 108

const options = {
  spi: uintRange('--ipcompspi', { negatable: true, hideFull: true }),
  reserved: flag('--compres'),
} as const

export const ipcomp = defineMatch({
  name: 'ipcomp',
  summary: 'the CPI of an IPComp packet',
  doc: 'A number that both ends agree on; unknown where the packet does not tell it. The kernel compares no reserved bits.',
  kernel: 'net/netfilter/xt_ipcomp.c comp_mt()',
  protos: [IPPROTO_COMP],
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb }, { spi }) => spiParts('IPComp', skb.packet, spi)),
})
