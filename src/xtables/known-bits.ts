/** A number of 32 bits, of which some may not be known; those stand as 0 in `value`. */
export interface Word {
  readonly value: number
  readonly known: number
}

const ALL = 0xffffffff
const word = (value: number, known: number): Word => ({ value: (value & known) >>> 0, known: known >>> 0 })

export const told = (value: number): Word => ({ value: value >>> 0, known: ALL })
export const UNTOLD: Word = { value: 0, known: 0 }
export const isTold = ({ known }: Word): boolean => known === ALL
/** The largest that it may be. */
export const most = ({ value, known }: Word): number => (value | ~known) >>> 0

export const bitAnd = (a: Word, b: Word): Word =>
  word(a.value & b.value, (a.known & b.known) | (a.known & ~a.value) | (b.known & ~b.value))
export const bitOr = (a: Word, b: Word): Word =>
  word(a.value | b.value, (a.known & b.known) | a.value | b.value)
export const bitXor = (a: Word, b: Word): Word => word(a.value ^ b.value, a.known & b.known)
/** `n`: 0 to 31. */
export const shiftLeft = (a: Word, n: number): Word => word(a.value << n, (a.known << n) | ~(ALL << n))
export const shiftRight = (a: Word, n: number): Word =>
  word(a.value >>> n, n === 0 ? a.known : (a.known >>> n) | (ALL << (32 - n)))

/** One to four bytes in network order; undefined beyond either end. */
export function readWord(bytes: readonly (number | undefined)[], at: number, size: number): Word | undefined {
  if (at < 0 || at + size > bytes.length) return undefined
  let out = told(0)
  for (const byte of bytes.slice(at, at + size))
    out = bitOr(shiftLeft(out, 8), byte === undefined ? word(0, ~0xff) : told(byte))
  return out
}
