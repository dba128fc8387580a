/**
 * Addresses as canonical text (`10.0.0.1`, RFC 5952 for IPv6), so that `===` is equality and a trace reads
 * itself. Arithmetic happens on the bits: one unsigned 32-bit word for IPv4, four for IPv6.
 */
export type Ip = string & { readonly __brand: 'Ip' }
export type Family = 'ipv4' | 'ipv6'
/** Unsigned 32-bit words, most significant first: one word for IPv4, four for IPv6. */
export type Bits = readonly number[]

export const familyOf = (ip: Ip): Family => (ip.includes(':') ? 'ipv6' : 'ipv4')
export const widthOf = (family: Family): 32 | 128 => (family === 'ipv4' ? 32 : 128)

/** The unspecified address of a family: 0.0.0.0 or ::. */
export const anyIp = (family: Family): Ip => (family === 'ipv4' ? '0.0.0.0' : '::') as Ip

/** Canonical address for any spelling of one; undefined if the text is none. */
export function parseIp(text: string): Ip | undefined {
  const bits = text.includes(':') ? parseV6(text) : parseV4(text)
  return bits && formatIp(bits)
}

/** As parseIp, for text that is known to be an address. @throws RangeError if it isn't. */
export function ip(text: string): Ip {
  const parsed = parseIp(text)
  if (parsed === undefined) throw new RangeError(`not an IP address: ${text}`)
  return parsed
}

/** The words of a canonical address. */
export function ipBits(address: Ip): Bits {
  const bits = address.includes(':') ? parseV6(address) : parseV4(address)
  if (!bits) throw new RangeError(`not an IP address: ${address}`)
  return bits
}

/** The one word of a canonical IPv4 address, unsigned. */
export const v4Word = (address: Ip): number => ipBits(address)[0]!

function parseV4(text: string): Bits | undefined {
  let word = 0
  let octet = -1
  let dots = 0
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : 46
    if (c === 46) {
      if (octet < 0) return undefined
      word = word * 256 + octet
      octet = -1
      dots++
    } else if (c >= 48 && c <= 57) {
      octet = octet < 0 ? c - 48 : octet * 10 + c - 48
      if (octet > 255) return undefined
    } else return undefined
  }
  return dots === 4 ? [word] : undefined
}

function parseV6(text: string): Bits | undefined {
  let body = text
  let tail: number[] = []
  const v4At = text.lastIndexOf(':') + 1
  if (text.includes('.')) {
    const v4 = parseV4(text.slice(v4At))
    if (!v4) return undefined
    tail = [v4[0]! >>> 16, v4[0]! & 0xffff]
    body = text.slice(0, v4At)
    if (!body.endsWith('::')) body = body.slice(0, -1)
  }
  const halves = body.split('::')
  if (halves.length > 2) return undefined
  const groups = (half: string): number[] | undefined => {
    if (half === '') return []
    const out: number[] = []
    for (const word of half.split(':')) {
      if (!/^[0-9a-fA-F]{1,4}$/.test(word)) return undefined
      out.push(Number.parseInt(word, 16))
    }
    return out
  }
  const head = groups(halves[0]!)
  const rest = halves.length === 2 ? groups(halves[1]!) : []
  if (!head || !rest) return undefined
  const after = [...rest, ...tail]
  const missing = 8 - head.length - after.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const all = [...head, ...new Array<number>(missing).fill(0), ...after]
  return [0, 2, 4, 6].map(i => all[i]! * 65536 + all[i + 1]!)
}

/** Canonical text of address words. */
export function formatIp(bits: Bits): Ip {
  if (bits.length === 1) {
    const w = bits[0]!
    return `${(w >>> 24) & 255}.${(w >>> 16) & 255}.${(w >>> 8) & 255}.${w & 255}` as Ip
  }
  const groups = bits.flatMap(w => [w >>> 16, w & 0xffff])
  let bestAt = -1
  let bestLength = 1
  for (let i = 0; i < 8; i++) {
    let n = 0
    while (i + n < 8 && groups[i + n] === 0) n++
    if (n > bestLength) {
      bestAt = i
      bestLength = n
    }
    i += n
  }
  const hex = (part: number[]) => part.map(g => g.toString(16)).join(':')
  if (bestAt < 0) return hex(groups) as Ip
  // inet_ntop(3) prints the embedded IPv4 address of v4-mapped and v4-compatible addresses in dots
  if (bestAt === 0 && (bestLength === 6 || (bestLength === 5 && groups[5] === 0xffff))) {
    const dotted = formatIp([bits[3]!])
    return (bestLength === 5 ? `::ffff:${dotted}` : `::${dotted}`) as Ip
  }
  return `${hex(groups.slice(0, bestAt))}::${hex(groups.slice(bestAt + bestLength))}` as Ip
}

/** Adds a (possibly negative) offset to an address; wraps around within its family. */
export function addToIp(address: Ip, offset: number): Ip {
  const words = [...ipBits(address)]
  let carry = offset
  for (let i = words.length - 1; i >= 0 && carry !== 0; i--) {
    const sum = words[i]! + carry
    words[i] = ((sum % 4294967296) + 4294967296) % 4294967296
    carry = Math.floor(sum / 4294967296)
  }
  return formatIp(words)
}

/** Negative, zero or positive, as a sort of numbers wants it. Both of one family. */
export function compareBits(a: Bits, b: Bits): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

/** fe80::/10. */
export const isLinkLocal = (address: Ip): boolean => /^fe[89ab][0-9a-f]:/.test(address)
