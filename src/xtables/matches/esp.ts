import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { uintRange } from '../values.js'
import { spiParts } from './spi.js'
import { allOf } from '../parts.js'

const options = { spi: uintRange('--espspi', { negatable: true, hideFull: true }) } as const

export const esp = defineMatch({
  name: 'esp',
  summary: 'the SPI of an ESP packet',
  doc: 'A number that each end of an IPsec connection chooses; unknown where the packet does not tell it.',
  kernel: 'net/netfilter/xt_esp.c esp_mt()',
  protos: [PROTO.esp],
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb }, { spi }) => spiParts('ESP', skb.packet, spi)),
})
