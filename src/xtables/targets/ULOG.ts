import { defineTarget } from '../extension.js'
import { uint } from '../values.js'
import { logPrefix } from './log-prefix.js'

const hide = (value: number, row: ReturnType<typeof uint>): ReturnType<typeof uint> => ({
  ...row,
  print: n => (n === value ? undefined : [String(n)]),
})

/** The forerunner of NFLOG. */
export const ulogTarget = defineTarget({
  name: 'ULOG',
  summary: 'hand a copy to a logging program and go on (old; kernels before 3.17)',
  doc: 'Newer kernels refuse the rule; NFLOG took its place.',
  kernel: 'net/ipv4/netfilter/ipt_ULOG.c ulog_tg(), gone since Linux 3.17',
  family: 'ipv4',
  options: {
    prefix: logPrefix('--ulog-prefix', 31),
    group: hide(1, uint('--ulog-nlgroup', { min: 1, max: 32 })),
    range: hide(0, uint('--ulog-cprange')),
    threshold: hide(1, uint('--ulog-qthreshold', { min: 1, max: 50 })),
  },
  act: () => ({ kind: 'continue' }),
})
