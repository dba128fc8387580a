import { setXmark } from '../../values/mark.js'
import { defineTarget } from '../extension.js'
import { exactlyOne } from './given.js'
import { XMARK_FLAGS, xmarkOf, xmarkRows } from './xmark-rows.js'

/** Changes the packet's mark. */
export const markTarget = defineTarget({
  name: 'MARK',
  summary: 'set, and, or, xor the packet mark (nfmark)',
  doc: `The mark lives with the packet inside one machine only; it is not on the wire. In mangle OUTPUT a changed mark
makes the kernel look the route up again. --set-mark value/mask sets the bits of mask and of value;
--set-xmark clears the bits of mask and xors value.`,
  kernel: 'net/netfilter/xt_mark.c mark_tg()',
  options: xmarkRows,
  check: args => exactlyOne(args, XMARK_FLAGS),
  act({ skb }, args) {
    const op = xmarkOf(args)
    return op ? { kind: 'continue', skb: { ...skb, mark: setXmark(skb.mark, op) } } : { kind: 'continue' }
  },
})
