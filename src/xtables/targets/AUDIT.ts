import { defineTarget } from '../extension.js'
import { keyword } from '../values.js'

/** Leaves a record in the audit log; the packet walks on. */
export const auditTarget = defineTarget({
  name: 'AUDIT',
  summary: 'leave an audit record and go on',
  doc: '--type only names what the rules around it are going to do; the record says no more.',
  kernel: 'net/netfilter/xt_AUDIT.c audit_tg()',
  options: {
    type: keyword('--type', ['accept', 'drop', 'reject'], {
      required: true,
      ignoreCase: true,
      what: 'action type',
    }),
  },
  act: () => ({ kind: 'continue' }),
})
