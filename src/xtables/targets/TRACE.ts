import { defineTarget } from '../extension.js'

// no `tables`: the legacy back end keeps it to raw, nft takes it anywhere, and a dump doesn't always tell which it is
/** Asks the kernel to report every rule that the packet matches from here on. */
export const traceTarget = defineTarget({
  name: 'TRACE',
  summary: 'report every matching rule from here on, and go on',
  doc: 'nfsim reports them anyway. On a real machine `xtables-monitor --trace` (nft) or the kernel log (legacy) shows them.',
  kernel: 'net/netfilter/xt_TRACE.c trace_tg()',
  options: {},
  act: () => ({ kind: 'continue' }),
})
