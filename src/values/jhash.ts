import type { Bits } from './ip.js'

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

/**
 * jhash2(): Bob Jenkins' hash of 32-bit words ("lookup3", burtleburtle.net/bob/c/lookup3.c, public domain), with which the
 * kernel spreads connections.
 */
export function jhash2(words: readonly number[], seed: number): number {
  let a = (0xdeadbeef + words.length * 4 + seed) | 0
  let b = a
  let c = a
  let at = 0
  for (; words.length - at > 3; at += 3) {
    a = (a + words[at]!) | 0
    b = (b + words[at + 1]!) | 0
    c = (c + words[at + 2]!) | 0
    a = ((a - c) ^ rotate(c, 4)) | 0
    c = (c + b) | 0
    b = ((b - a) ^ rotate(a, 6)) | 0
    a = (a + c) | 0
    c = ((c - b) ^ rotate(b, 8)) | 0
    b = (b + a) | 0
    a = ((a - c) ^ rotate(c, 16)) | 0
    c = (c + b) | 0
    b = ((b - a) ^ rotate(a, 19)) | 0
    a = (a + c) | 0
    c = ((c - b) ^ rotate(b, 4)) | 0
    b = (b + a) | 0
  }
  if (at === words.length) return c >>> 0
  a = (a + words[at]!) | 0
  b = (b + (words[at + 1] ?? 0)) | 0
  c = (c + (words[at + 2] ?? 0)) | 0
  c = ((c ^ b) - rotate(b, 14)) | 0
  a = ((a ^ c) - rotate(c, 11)) | 0
  b = ((b ^ a) - rotate(a, 25)) | 0
  c = ((c ^ b) - rotate(b, 16)) | 0
  a = ((a ^ c) - rotate(c, 4)) | 0
  b = ((b ^ a) - rotate(a, 14)) | 0
  c = ((c ^ b) - rotate(b, 24)) | 0
  return c >>> 0
}

/** Words of an address as a little-endian machine (x86, ARM) reads them from memory. */
export const littleEndian = (bits: Bits): number[] =>
  bits.map(
    word => ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | ((word >>> 24) & 0xff)) >>> 0,
  )

/** reciprocal_scale(): a hash brought into 0..size-1. */
export const scaled = (hash: number, size: number): number => Number((BigInt(hash) * BigInt(size)) >> 32n)
