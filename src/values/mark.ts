/** Packet and connection marks: unsigned 32-bit numbers. All masking goes through here, so `>>> 0` occurs once. */
export interface MarkMask {
  readonly value: number
  readonly mask: number
}

export const FULL_MASK = 0xffffffff
export const masked = (mark: number, mask: number): number => (mark & mask) >>> 0
/** `--set-xmark value/mask`: clear the mask's bits, then xor the value (xt_mark.c mark_tg()). */
export const setXmark = (mark: number, { value, mask }: MarkMask): number => ((mark & ~mask) ^ value) >>> 0
export const hex = (n: number): string => `0x${(n >>> 0).toString(16)}`
