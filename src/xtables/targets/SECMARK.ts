import { defineTarget } from '../extension.js'
import { text } from '../values.js'

/** Gives the packet an SELinux context. */
export const secmarkTarget = defineTarget({
  name: 'SECMARK',
  summary: 'give the packet an SELinux context, and go on',
  doc: 'Without effect on where the packet goes, unless an SELinux policy refuses it later: that is outside of netfilter.',
  kernel: 'net/netfilter/xt_SECMARK.c secmark_tg()',
  tables: ['mangle', 'security'],
  options: { context: text('--selctx', { required: true, min: 1, max: 255, bare: true }) },
  act: () => ({ kind: 'continue' }),
})
