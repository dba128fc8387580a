import { defineTarget } from '../extension.js'
import { flag } from '../values.js'
import { exactlyOne } from './given.js'

/** Copies the SELinux mark between packet and connection. */
export const connsecmarkTarget = defineTarget({
  name: 'CONNSECMARK',
  summary: 'save or restore the SELinux mark of a connection, and go on',
  doc: 'Without effect on where the packet goes.',
  kernel: 'net/netfilter/xt_CONNSECMARK.c connsecmark_tg()',
  tables: ['mangle', 'security'],
  options: { save: flag('--save'), restore: flag('--restore') },
  check: args => exactlyOne(args, { save: '--save', restore: '--restore' }),
  act: () => ({ kind: 'continue' }),
})
