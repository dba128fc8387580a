import { defineTarget } from '../extension.js'
import { BadValue } from '../options.js'
import { flag, uint, text } from '../values.js'
import { cutBytes } from './given.js'

/** Reports when no packet came for a while; the packet walks on. */
export const idletimerTarget = defineTarget({
  name: 'IDLETIMER',
  summary: 'start a timer that reports an idle interface, and go on',
  doc: 'Time-outs are seconds. Rules with one label share one timer.',
  kernel: 'net/netfilter/xt_IDLETIMER.c idletimer_tg_target_v1()',
  options: {
    // in milliseconds it has to fit a signed 32-bit number
    timeout: uint('--timeout', { required: true, min: 1, max: 2147482 }),
    label: {
      ...text('--label', { required: true, bare: true }),
      read([word]: readonly string[]) {
        if (word === '') throw new BadValue('--label must not be empty')
        return cutBytes(word!, 27)
      },
    },
    alarm: flag('--alarm'),
  },
  act: () => ({ kind: 'continue' }),
})
