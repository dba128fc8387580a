import { type PacketBytes, packetBytes } from '../../skb/packet-bytes.js'
import { type ArgsOf, defineMatch, type Truth } from '../extension.js'
import { BadValue, option } from '../options.js'
import { allOf, isnt, part } from '../parts.js'
import { flag, keyword, uint16 } from '../values.js'

/** XT_STRING_MAX_PATTERN_SIZE */
const LONGEST = 128

/** A pattern as bytes, one character (0–255) a byte. */
const utf8 = (word: string): string => {
  let out = ''
  for (const byte of new TextEncoder().encode(word)) out += String.fromCharCode(byte)
  return out
}

/** `abc|0d 0a|def`: hex between bars, a backslash before a character that is meant. @throws BadValue */
function readHex(word: string): string {
  const bytes = utf8(word)
  let out = ''
  let hex = false
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i]!
    if (c === '|') hex = !hex
    else if (hex) {
      if (c === ' ') continue
      const pair = bytes.slice(i, i + 2)
      const odd = [...pair].find(d => !/[0-9a-fA-F]/.test(d))
      if (odd !== undefined) throw new BadValue(`Invalid hex char '${odd}'`)
      if (pair.length < 2) throw new BadValue('Odd number of hex digits')
      out += String.fromCharCode(Number.parseInt(pair, 16))
      i++
    } else if (c === '\\' && i + 1 < bytes.length) out += bytes[++i]!
    else out += c
  }
  if (hex) throw new BadValue('a bar is missing at the end of the hex digits')
  return out
}

/** Bytes that can't stand in a quoted string make the whole pattern hex. */
const isPlain = (pattern: string): boolean => /^[\x20-\x7e]*$/.test(pattern)

const options = {
  pattern: option<string>({
    flags: ['--string', '--hex-string'],
    words: 1,
    negatable: true,
    read([word], _context, as) {
      const pattern = as === '--hex-string' ? readHex(word!) : utf8(word!)
      if (pattern.length > LONGEST) throw new BadValue(`STRING too long "${word}"`)
      if (pattern === '') throw new BadValue(`the argument of "${as}" is empty`)
      return pattern
    },
    print: p => [
      isPlain(p)
        ? `"${p.replace(/["\\]/g, c => `\\${c}`)}"`
        : `"|${[...p].map(c => c.charCodeAt(0).toString(16).padStart(2, '0')).join('')}|"`,
    ],
    printFlag: p => (isPlain(p) ? '--string' : '--hex-string'),
  }),
  algo: keyword('--algo', ['bm', 'kmp']),
  from: option<number>({ ...uint16('--from'), print: n => (n === 0 ? undefined : [String(n)]) }),
  to: option<number>({ ...uint16('--to'), print: n => (n === 65535 ? undefined : [String(n)]) }),
  icase: flag('--icase'),
} as const

/**
 * skb_find_text(): the whole pattern between two offsets. Data that nobody told may be anything; bytes of headers that
 * are made up by chance (sequence numbers, checksums) are not what people look for.
 */
function find(
  { bytes, isData }: PacketBytes,
  pattern: string,
  from: number,
  to: number,
  icase: boolean,
): Truth {
  const fold = (code: number): number => (icase && code >= 65 && code <= 90 ? code + 32 : code)
  const wanted = [...pattern].map(c => fold(c.charCodeAt(0)))
  let perhaps = false
  const last = Math.min(to, bytes.length) - wanted.length
  for (let at = from; at <= last; at++) {
    let is: Truth = true
    for (let i = 0; i < wanted.length && is !== false; i++) {
      const byte = bytes[at + i]
      if (byte === undefined) is = isData(at + i) ? 'unknown' : false
      else if (fold(byte) !== wanted[i]) is = false
    }
    if (is === true) return true
    perhaps ||= is === 'unknown'
  }
  return perhaps ? 'unknown' : false
}

export const string = defineMatch({
  name: 'string',
  summary: 'a string of bytes anywhere in the packet',
  doc: 'A text (--string) or bytes (--hex-string "|0d0a|"), sought from --from to --to, counted from the IP header; what an ICMP error quotes, or a tunnel carries, is part of the packet. What a packet carries is known where the question tells it (--payload); where it is not told, the answer is unknown.',
  kernel: 'net/netfilter/xt_string.c string_mt()',
  options,
  check({ pattern, algo, from, to }: ArgsOf<typeof options>) {
    if (!pattern) return "You must specify `--string' or `--hex-string'"
    if (!algo) return 'option "--algo" must be specified'
    return (from?.value ?? 0) > (to?.value ?? 65535) ? '--from must not be beyond --to' : undefined
  },
  ...allOf<ArgsOf<typeof options>>(({ skb }, { pattern, from, to, icase }) => {
    if (!pattern) return []
    const raw = find(
      packetBytes(skb.packet),
      pattern.value,
      from?.value ?? 0,
      to?.value ?? 65535,
      icase !== undefined,
    )
    const says =
      raw === 'unknown' ? "the packet's payload is not told" : `the packet does ${isnt(raw)}hold the string`
    return [part(raw, pattern.not, () => says)]
  }),
})
