import { type Bits, type Family, type Ip, familyOf, formatIp, ipBits, parseIp, widthOf } from './ip.js'

/** A network: address and mask length in bits. The host bits of `base` are kept as written. */
export interface Prefix {
  readonly base: Ip
  readonly length: number
}

/** Mask words for a prefix length. */
export function maskBits(family: Family, length: number): Bits {
  const words = family === 'ipv4' ? 1 : 4
  return Array.from({ length: words }, (_, i) => {
    const n = Math.max(0, Math.min(32, length - 32 * i))
    return n === 0 ? 0 : (0xffffffff << (32 - n)) >>> 0
  })
}

/** `10.0.0.0/8`, `10.0.0.1` (a host prefix); undefined if the text is neither. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  const base = parseIp(slash < 0 ? text : text.slice(0, slash))
  if (base === undefined) return undefined
  const width = widthOf(familyOf(base))
  if (slash < 0) return { base, length: width }
  const digits = text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(digits) || Number(digits) > width) return undefined
  return { base, length: Number(digits) }
}

export const formatPrefix = (p: Prefix): string => `${p.base}/${p.length}`

/** Is the address inside the network? False across families. */
export function contains(prefix: Prefix, address: Ip): boolean {
  const family = familyOf(prefix.base)
  if (familyOf(address) !== family) return false
  return sameUnderMask(ipBits(prefix.base), ipBits(address), maskBits(family, prefix.length))
}

export function sameUnderMask(a: Bits, b: Bits, mask: Bits): boolean {
  for (let i = 0; i < mask.length; i++) if (((a[i]! ^ b[i]!) & mask[i]!) !== 0) return false
  return true
}

/** The first address of the network. */
export function networkOf(prefix: Prefix): Ip {
  const family = familyOf(prefix.base)
  const mask = maskBits(family, prefix.length)
  return formatIp(ipBits(prefix.base).map((w, i) => (w & mask[i]!) >>> 0))
}

/** Do two networks share an address? */
export const overlaps = (a: Prefix, b: Prefix): boolean =>
  a.length <= b.length ? contains(a, b.base) : contains(b, a.base)
