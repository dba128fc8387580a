import { defineTarget } from '../extension.js'
import { flag } from '../values.js'

/** Fills in a checksum that was left to the network card. */
export const checksumTarget = defineTarget({
  name: 'CHECKSUM',
  summary: 'fill in the checksum that offloading left out, and go on',
  doc: 'For old DHCP clients on virtual machines that read packets before a card has finished them.',
  kernel: 'net/netfilter/xt_CHECKSUM.c checksum_tg()',
  tables: ['mangle'],
  options: { fill: flag('--checksum-fill', { required: true }) },
  act: () => ({ kind: 'continue' }),
})
