import { PROTO } from '../../values/proto.js'
import { defineMatch } from '../extension.js'
import { notTold } from '../parts.js'
import { uintRange } from '../values.js'

export const esp = defineMatch({
  name: 'esp',
  summary: 'the SPI of an ESP packet',
  doc: 'The SPI is not part of a simulated packet.',
  kernel: 'net/netfilter/xt_esp.c esp_mt()',
  protos: [PROTO.esp],
  options: { spi: uintRange('--espspi', { negatable: true, hideFull: true }) },
  ...notTold('the SPI of the packet is not told'),
})
