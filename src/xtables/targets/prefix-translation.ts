import { formatIp, type Ip, ipBits } from '../../values/ip.js'
import { formatPrefix, maskBits, networkOf, type Prefix } from '../../values/prefix.js'
import { maskLength, readIp, readMask } from '../addresses.js'
import type { Outcome, RuleEnv } from '../extension.js'
import { BadValue, type OptionSpec } from '../options.js'

/** RFC 6296 between two IPv6 prefixes: without state, and so that no checksum above changes. */
const row = (flag: string): OptionSpec<Prefix> => ({
  flags: [flag],
  words: 1,
  required: true,
  read([word], { family }) {
    const slash = word!.indexOf('/')
    const base = readIp(slash < 0 ? word! : word!.slice(0, slash), family)
    const length = slash < 0 ? 128 : maskLength(readMask(word!.slice(slash + 1), family))
    if (length < 0 || length > 64) throw new BadValue(`the prefix "${word}" is longer than 64 bits`)
    if (networkOf({ base, length }) !== base)
      throw new BadValue(`the prefix "${word}" has bits behind its length`)
    return { base, length }
  },
  print: p => [formatPrefix(p)],
})

export const prefixRows = { from: row('--src-pfx'), to: row('--dst-pfx') } as const

interface PrefixArgs {
  readonly from?: { readonly value: Prefix } | undefined
  readonly to?: { readonly value: Prefix } | undefined
}

/** Translates one address of the packet; one that has no place for the correction is dropped, and its sender told. */
export function translatePrefix({ skb }: RuleEnv, args: PrefixArgs, field: 'src' | 'dst'): Outcome {
  if (!args.from || !args.to) return { kind: 'unknown', because: 'a prefix is missing' }
  const before = skb.packet[field]
  const after = translated(before, args.from.value, args.to.value)
  if ('unfit' in after)
    return {
      kind: 'reject',
      // ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD: no 16 bits are left to correct the checksum
      how: { kind: 'icmp', type: 4, code: 0, name: 'parameter-problem' },
      skb: { ...skb, packet: { ...skb.packet, [field]: after.unfit } },
    }
  return { kind: 'continue', skb: { ...skb, packet: { ...skb.packet, [field]: after.address } } }
}

const wordsOf = (address: Ip): number[] => ipBits(address).flatMap(w => [w >>> 16, w & 0xffff])
/** Ones' complement sum of 16-bit words. */
function fold(sum: number): number {
  let n = sum
  while (n > 0xffff) n = (n >>> 16) + (n & 0xffff)
  return n
}
const add = (a: number, b: number): number => fold(a + b)
const subtract = (a: number, b: number): number => fold(a + (~b & 0xffff))

/**
 * ip6t_npt_map_pfx(): puts the prefix in, then moves the difference of the two prefixes' sums into one word:
 * the fourth for prefixes up to /48, else the first behind the prefix that isn't all ones.
 */
export function translated(
  address: Ip,
  from: Prefix,
  to: Prefix,
): { readonly address: Ip } | { readonly unfit: Ip } {
  const length = Math.max(from.length, to.length)
  const network = ipBits(to.base)
  const mask = maskBits('ipv6', length)
  const mapped = formatIp(ipBits(address).map((w, i) => ((w & ~mask[i]!) | (network[i]! & mask[i]!)) >>> 0))
  const words = wordsOf(mapped)
  const at = length <= 48 ? 3 : words.findIndex((w, i) => i >= 4 && w !== 0xffff)
  if (at < 0) return { unfit: mapped }
  const difference = subtract(wordsOf(from.base).reduce(add, 0), wordsOf(to.base).reduce(add, 0))
  const sum = add(words[at]!, difference)
  words[at] = sum === 0xffff ? 0 : sum
  return { address: formatIp([0, 2, 4, 6].map(i => words[i]! * 65536 + words[i + 1]!)) }
}
