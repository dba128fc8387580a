import { connectionOf } from '../../skb/skb.js'
import { FULL_MASK, masked, setXmark } from '../../values/mark.js'
import { defineTarget } from '../extension.js'
import { option, type OptionSpec } from '../options.js'
import { readUint } from '../numbers.js'
import { flag, outOfRange, uint32 } from '../values.js'
import { exactlyOne, given } from './given.js'
import { XMARK_FLAGS, xmarkOf, xmarkRows } from './xmark-rows.js'

interface Shift {
  readonly left: boolean
  readonly bits: number
}

const maskRow = (name: string): OptionSpec<number> => uint32(name, { base: 16 })

/** Moves bits between the packet's mark and the connection's. */
export const connmarkTarget = defineTarget({
  name: 'CONNMARK',
  summary: 'set the connection mark, save the packet mark to it, or restore it from there',
  doc: `The connection's mark stays with the conntrack entry, so later packets and replies can ask for it.
--save-mark copies the packet's mark into it, --restore-mark copies it back, each under masks. Without a conntrack
entry (INVALID, UNTRACKED) nothing happens.`,
  kernel: 'net/netfilter/xt_connmark.c connmark_tg_shift()',
  options: {
    ...xmarkRows,
    save: flag('--save-mark'),
    restore: flag('--restore-mark'),
    nfmask: maskRow('--nfmask'),
    ctmask: maskRow('--ctmask'),
    mask: { ...maskRow('--mask'), print: () => undefined },
    shift: option<Shift>({
      flags: ['--left-shift-mark', '--right-shift-mark'],
      words: 1,
      repeatable: true,
      read([word], _context, as) {
        const bits = readUint(word!, 31)
        if (Number.isNaN(bits)) throw outOfRange(as, 0, 31)
        return { left: as === '--left-shift-mark', bits }
      },
      print: s => (s.bits === 0 ? undefined : [String(s.bits)]),
      printFlag: s => (s.left ? '--left-shift-mark' : '--right-shift-mark'),
    }),
  },
  check(args) {
    if (args.mask && (args.ctmask || args.nfmask))
      return `option "--mask" cannot be used together with "${args.ctmask ? '--ctmask' : '--nfmask'}"`
    return exactlyOne(args, { ...XMARK_FLAGS, save: '--save-mark', restore: '--restore-mark' })
  },
  complete(args) {
    const shift = args.shift && { shift: args.shift }
    if (args.save || args.restore)
      return {
        ...(args.save && { save: args.save }),
        ...(args.restore && { restore: args.restore }),
        nfmask: args.nfmask ?? args.mask ?? given(FULL_MASK),
        ctmask: args.ctmask ?? args.mask ?? given(FULL_MASK),
        ...shift,
      }
    const op = xmarkOf(args) ?? { value: 0, mask: FULL_MASK }
    return { setXmark: given(args.mask ? { value: op.value, mask: args.mask.value } : op), ...shift }
  },
  act({ skb }, args) {
    const entry = connectionOf(skb)
    if (!entry) return { kind: 'continue' }
    const nfmask = args.nfmask?.value ?? FULL_MASK
    const ctmask = args.ctmask?.value ?? FULL_MASK
    if (args.restore) {
      const value = shifted(masked(entry.mark, ctmask), args.shift?.value)
      return { kind: 'continue', skb: { ...skb, mark: setXmark(skb.mark, { value, mask: nfmask }) } }
    }
    if (args.save)
      entry.mark = setXmark(entry.mark, {
        value: shifted(masked(skb.mark, nfmask), args.shift?.value),
        mask: ctmask,
      })
    else {
      const op = xmarkOf(args)
      if (op) entry.mark = shifted(setXmark(entry.mark, op), args.shift?.value)
    }
    return { kind: 'continue' }
  },
})

const shifted = (n: number, shift: Shift | undefined): number =>
  !shift ? n : (shift.left ? n << shift.bits : n >>> shift.bits) >>> 0
