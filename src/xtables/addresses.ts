import { type Bits, type Family, formatIp, type Ip, ipBits, parseIp, widthOf } from '../values/ip.js'
import { maskBits } from '../values/prefix.js'
import { readUint } from './numbers.js'
import { BadValue, type OptionSpec } from './options.js'
import type { RowOptions } from './values.js'

/** Rows for addresses, networks under any mask, and ranges of addresses. */
export interface Network {
  readonly address: Ip
  readonly bits: Bits
  readonly mask: Bits
}
export interface IpRange {
  readonly from: Ip
  readonly to: Ip
}
type Flags = string | readonly [string, ...string[]]
const row = (flags: Flags, o: RowOptions) => ({
  flags: (typeof flags === 'string' ? [flags] : flags) as readonly [string, ...string[]],
  words: 1,
  ...(o.negatable && { negatable: true }),
  ...(o.required && { required: true }),
  ...(o.repeatable && { repeatable: true }),
})

/**
 * An address of the family as iptables reads it: IPv4 may leave octets out at the end (`10.1` is 10.1.0.0), each
 * octet in any base. Host names are refused: a dump holds none, and what they mean can't be known.
 * @throws BadValue
 */
export function readIp(word: string, family: Family): Ip {
  const found = family === 'ipv4' ? looseIp4(word) : parseIp6(word)
  if (found === undefined) throw new BadValue(`host/network \`${word}' not found`)
  return found
}
const parseIp6 = (word: string): Ip | undefined => (word.includes(':') ? parseIp(word) : undefined)

/** xtables_numeric_to_ipaddr(): up to four octets, the missing ones 0. */
function looseIp4(word: string): Ip | undefined {
  const plain = plainIp4(word)
  if (!Number.isNaN(plain)) return word as Ip
  const parts = word.split('.')
  if (parts.length > 4) return undefined
  let out = 0
  for (let i = 0; i < 4; i++) {
    const octet = i < parts.length ? readUint(parts[i]!, 255) : 0
    if (Number.isNaN(octet)) return undefined
    out = out * 256 + octet
  }
  return formatIp([out])
}

/**
 * The word of an address in its canonical spelling, NaN for any other text. The way that nearly all of a large
 * dump's addresses go.
 */
export function plainIp4(word: string): number {
  let out = 0
  let octet = 0
  let digits = 0
  let dots = 0
  for (let i = 0; i < word.length; i++) {
    const c = word.charCodeAt(i)
    if (c === 46) {
      if (digits === 0 || ++dots > 3) return Number.NaN
      out = out * 256 + octet
      octet = 0
      digits = 0
    } else if (c >= 48 && c <= 57 && !(digits === 1 && octet === 0)) {
      octet = octet * 10 + c - 48
      if (octet > 255) return Number.NaN
      digits++
    } else return Number.NaN
  }
  return dots === 3 && digits > 0 ? out * 256 + octet : Number.NaN
}

/** A mask: a length, or the mask itself as an address. @throws BadValue */
export function readMask(word: string, family: Family): Bits {
  const length = readUint(word, widthOf(family))
  if (!Number.isNaN(length)) return maskBits(family, length)
  const mask = family === 'ipv6' ? parseIp6(word) : word.split('.').length === 4 ? looseIp4(word) : undefined
  if (!mask) throw new BadValue(`invalid mask \`${word}' specified`)
  return ipBits(mask)
}

/** `address` or `address/mask`; the host bits are cleared, unless they are to be kept. @throws BadValue */
export function readNetwork(word: string, family: Family, keepHost = false): Network {
  const slash = word.lastIndexOf('/')
  const mask = slash < 0 ? maskBits(family, widthOf(family)) : readMask(word.slice(slash + 1), family)
  return underMask(slash < 0 ? word : word.slice(0, slash), family, mask, keepHost)
}

/** An address with its mask, which is shared as it is. @throws BadValue */
export function underMask(word: string, family: Family, mask: Bits, keepHost = false): Network {
  const plain = family === 'ipv4' ? plainIp4(word) : Number.NaN
  if (!Number.isNaN(plain) && (keepHost || (plain & mask[0]!) >>> 0 === plain))
    return { address: word as Ip, bits: [plain], mask }
  const bits = ipBits(readIp(word, family)).map((w, i) => (keepHost ? w : (w & mask[i]!) >>> 0))
  return { address: formatIp(bits), bits, mask }
}

/** Length of a contiguous mask, -1 for any other. */
export function maskLength(mask: Bits): number {
  let length = 0
  let ended = false
  for (const word of mask) {
    const ones = Math.clz32(~word >>> 0)
    if (ended ? word !== 0 : (0xffffffff << (32 - ones)) >>> 0 !== word && !(ones === 0 && word === 0))
      return -1
    length += ones
    if (ones < 32) ended = true
  }
  return length
}

/** The mask as `/24`, or in full where it isn't contiguous. */
export function maskText(mask: Bits): string {
  const length = maskLength(mask)
  return length < 0 ? formatIp(mask) : String(length)
}

/** One address. */
export const ipAddress = (flags: Flags, o: RowOptions = {}): OptionSpec<Ip> => ({
  ...row(flags, o),
  read: ([word], { family }) => readIp(word!, family),
  print: a => [a],
})

/** A network; a full mask is printed only if `full` is `show`. */
export const network = (
  flags: Flags,
  o: RowOptions & {
    readonly full?: 'hide' | 'show'
    /** Host bits stay as written, where the tool keeps them for printing. */
    readonly keepHost?: boolean
  } = {},
): OptionSpec<Network> => ({
  ...row(flags, o),
  read: ([word], { family }) => readNetwork(word!, family, o.keepHost),
  print: n => [networkText(n, o.full)],
})

export function networkText(n: Network, full: 'hide' | 'show' = 'hide'): string {
  const mask = maskText(n.mask)
  return full === 'hide' && mask === String(32 * n.mask.length) ? n.address : `${n.address}/${mask}`
}

/** `a-b`, or one address alone, which stands for itself. */
export const ipRange = (flags: Flags, o: RowOptions = {}): OptionSpec<IpRange> => ({
  ...row(flags, o),
  read([word], { family }) {
    const dash = word!.indexOf('-')
    if (dash < 0) {
      const one = readIp(word!, family)
      return { from: one, to: one }
    }
    return { from: readIp(word!.slice(0, dash), family), to: readIp(word!.slice(dash + 1), family) }
  },
  print: r => [`${r.from}-${r.to}`],
})
