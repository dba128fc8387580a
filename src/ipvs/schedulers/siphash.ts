const MASK = (1n << 64n) - 1n
const rotl = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & MASK

/**
 * hsiphash_1u32() (lib/siphash.c) of a 64-bit kernel: SipHash-1-3 of one 32-bit word, of which the lower half of
 * the sum is kept.
 * @param half both halves of the key, which are equal wherever IPVS uses it
 */
export function hsiphash(word: number, half: bigint): number {
  let [a, b, c, d] = ['somepseu', 'dorandom', 'lygenera', 'tedbytes'].map(text => ascii(text) ^ half) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ]
  const round = () => {
    a = (a + b) & MASK
    b = rotl(b, 13n) ^ a
    a = rotl(a, 32n)
    c = (c + d) & MASK
    d = rotl(d, 16n) ^ c
    a = (a + d) & MASK
    d = rotl(d, 21n) ^ a
    c = (c + b) & MASK
    b = rotl(b, 17n) ^ c
    c = rotl(c, 32n)
  }
  // the only block: the word below its length in bytes
  const block = (4n << 56n) | BigInt(word >>> 0)
  d ^= block
  round()
  a ^= block
  c ^= 0xffn
  for (let i = 0; i < 3; i++) round()
  return Number((a ^ b ^ c ^ d) & 0xffffffffn)
}

/** Eight letters as one big-endian number, as SipHash writes its constants. */
const ascii = (text: string): bigint => [...text].reduce((n, c) => (n << 8n) | BigInt(c.charCodeAt(0)), 0n)
