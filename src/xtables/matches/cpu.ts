import { defineMatch } from '../extension.js'
import { notTold } from '../parts.js'
import { uint32 } from '../values.js'

export const cpu = defineMatch({
  name: 'cpu',
  summary: 'the processor that handles the packet',
  doc: 'Hangs on interrupts and steering, which a snapshot does not tell.',
  kernel: 'net/netfilter/xt_cpu.c cpu_mt()',
  options: { cpu: uint32('--cpu', { negatable: true, required: true }) },
  ...notTold('which processor handles the packet is not told'),
})
