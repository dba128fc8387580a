import { defineTarget } from '../extension.js'
import { uint16, uint32 } from '../values.js'
import { logPrefix } from './log-prefix.js'

/** Hands a copy to a logging program; the packet walks on. */
export const nflogTarget = defineTarget({
  name: 'NFLOG',
  summary: 'hand a copy to a logging program and go on',
  doc: '--nflog-range has never worked and is kept for old rules; --nflog-size is what it meant to be.',
  kernel: 'net/netfilter/xt_NFLOG.c nflog_tg()',
  options: {
    prefix: logPrefix('--nflog-prefix', 63),
    group: hideZero(uint16('--nflog-group')),
    range: hideZero(uint32('--nflog-range')),
    size: uint32('--nflog-size'),
    threshold: hideZero(uint16('--nflog-threshold')),
  },
  check: args =>
    args.range && args.size
      ? 'option "--nflog-range" cannot be used together with "--nflog-size"'
      : undefined,
  act: () => ({ kind: 'continue' }),
})

/** Zero is what stands there unasked, so it isn't printed. */
function hideZero(row: ReturnType<typeof uint16>): ReturnType<typeof uint16> {
  return { ...row, print: n => (n === 0 ? undefined : [String(n)]) }
}
