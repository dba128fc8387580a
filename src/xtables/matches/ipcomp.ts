import { defineMatch } from '../extension.js'
import { notTold } from '../parts.js'
import { flag, uintRange } from '../values.js'

const IPPROTO_COMP = 108

export const ipcomp = defineMatch({
  name: 'ipcomp',
  summary: 'the CPI of an IPComp packet',
  doc: 'The CPI is not part of a simulated packet.',
  kernel: 'net/netfilter/xt_ipcomp.c comp_mt()',
  protos: [IPPROTO_COMP],
  options: {
    spi: uintRange('--ipcompspi', { negatable: true, hideFull: true }),
    reserved: flag('--compres'),
  },
  ...notTold('the CPI of the packet is not told'),
})
