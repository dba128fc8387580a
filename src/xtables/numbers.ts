/**
 * A number as strtoul(3) with base 0 takes it, which is what every extension of iptables reads numbers with:
 * decimal, `0x…` or octal with a leading 0. NaN for anything else, a sign included.
 */
export function readUint(text: string, max = 0xffffffff, min = 0): number {
  let base = 10
  let i = 0
  if (text.charCodeAt(0) === 48 && text.length > 1) {
    const x = text.charCodeAt(1) | 32
    base = x === 120 ? 16 : 8
    i = base === 16 ? 2 : 1
  }
  if (i === text.length) return Number.NaN
  let n = 0
  for (; i < text.length; i++) {
    const d = digit(text.charCodeAt(i))
    if (d >= base) return Number.NaN
    n = n * base + d
    if (n > max) return Number.NaN
  }
  return n < min ? Number.NaN : n
}

function digit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48
  const lower = c | 32
  return lower >= 97 && lower <= 122 ? lower - 87 : 99
}

/** As readUint, for 64-bit counters (quota, connbytes); a bigint only on the way. */
export function readUint64(text: string): bigint | undefined {
  if (!/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text) || text.length > 30) return undefined
  const n = /^0[0-7]+$/.test(text) ? BigInt(`0o${text.slice(1)}`) : BigInt(text)
  return n <= 0xffffffffffffffffn ? n : undefined
}
