import { FULL_MASK, hex, type MarkMask } from '../values/mark.js'
import { type Mac, parseMac } from '../values/mac.js'
import { readUint } from './numbers.js'
import { BadValue, type OptionSpec } from './options.js'
import { servicePort } from './services.js'

/**
 * Ready rows for the usual kinds of option values: how each is read and how iptables-save spells it again.
 * Addresses are in `addresses.ts`.
 */
export interface RowOptions {
  readonly negatable?: boolean
  readonly required?: boolean
  readonly repeatable?: boolean
}
export interface Range {
  readonly from: number
  readonly to: number
}
type Flags = string | readonly [string, ...string[]]

const list = (flags: Flags): readonly [string, ...string[]] => (typeof flags === 'string' ? [flags] : flags)
const rest = (o: RowOptions): RowOptions => ({
  ...(o.negatable && { negatable: true }),
  ...(o.required && { required: true }),
  ...(o.repeatable && { repeatable: true }),
})
/** The complaint that iptables makes of a number. */
export const outOfRange = (flag: string, min: number, max: number): BadValue =>
  new BadValue(`bad value for option "${flag}", or out of range (${min}-${max})`)

/** An option without words. */
export const flag = (flags: Flags, o: RowOptions = {}): OptionSpec<true> => ({
  flags: list(flags),
  words: 0,
  ...rest(o),
  read: () => true,
  print: () => [],
})

/** A number; decimal, `0x` or octal is read, decimal (or `0x`, with `base: 16`) is printed. */
export const uint = (
  flags: Flags,
  o: RowOptions & { readonly min?: number; readonly max?: number; readonly base?: 10 | 16 } = {},
): OptionSpec<number> => ({
  flags: list(flags),
  words: 1,
  ...rest(o),
  read([word], _context, as) {
    const n = readUint(word!, o.max ?? 0xffffffff, o.min ?? 0)
    if (Number.isNaN(n)) throw outOfRange(as, o.min ?? 0, o.max ?? 0xffffffff)
    return n
  },
  print: n => [o.base === 16 ? hex(n) : String(n)],
})
export const uint8 = (flags: Flags, o: RowOptions & { base?: 10 | 16 } = {}): OptionSpec<number> =>
  uint(flags, { ...o, max: 0xff })
export const uint16 = (flags: Flags, o: RowOptions & { base?: 10 | 16 } = {}): OptionSpec<number> =>
  uint(flags, { ...o, max: 0xffff })
export const uint32 = (flags: Flags, o: RowOptions & { base?: 10 | 16 } = {}): OptionSpec<number> =>
  uint(flags, { ...o, max: 0xffffffff })

/** Reads `a`, `a:b`, `a:`, `:b`, `:` as the option parser of libxtables does. */
export function readRange(word: string, flagName: string, max: number): Range {
  const [low, high, more] = word.split(':')
  const end = (text: string, missing: number): number => {
    const n = text === '' ? missing : readUint(text, max)
    if (Number.isNaN(n))
      throw new BadValue(`bad value for option "${flagName}" near "${text}", or out of range (0-${max})`)
    return n
  }
  if (more !== undefined)
    throw new BadValue(`bad value for option "${flagName}": too many colons in "${word}"`)
  const from = end(low!, high === undefined ? Number.NaN : 0)
  return { from, to: high === undefined ? from : end(high, max) }
}

/** `a`, or `a:b`. */
export const rangeText = (r: Range): string => (r.from === r.to ? `${r.from}` : `${r.from}:${r.to}`)
export const inRange = (n: number, r: Range): boolean => n >= r.from && n <= r.to

/** A number or a range `a:b`. `hideFull`: not printed if it covers everything, negated or not. */
export const uintRange = (
  flags: Flags,
  o: RowOptions & { readonly max?: number; readonly hideFull?: boolean; readonly ordered?: string } = {},
): OptionSpec<Range> => {
  const max = o.max ?? 0xffffffff
  return {
    flags: list(flags),
    words: 1,
    ...rest(o),
    read([word], _context, as) {
      const range = readRange(word!, as, max)
      if (o.ordered !== undefined && range.from > range.to) throw new BadValue(o.ordered)
      return range
    },
    print: r => (o.hideFull && r.from === 0 && r.to === max ? undefined : [rangeText(r)]),
  }
}

/**
 * `value` or `value/mask`. Printed `0x…/0x…`; where `full` is `hide` (the default) a full mask is left out, as
 * -m mark does.
 */
export const maskedMark = (
  flags: Flags,
  o: RowOptions & { readonly full?: 'hide' | 'show' } = {},
): OptionSpec<MarkMask> => ({
  flags: list(flags),
  words: 1,
  ...rest(o),
  read: ([word], _context, as) => readMarkMask(word!, as),
  print: m => [m.mask === FULL_MASK && o.full !== 'show' ? hex(m.value) : `${hex(m.value)}/${hex(m.mask)}`],
})

/** @throws BadValue */
export function readMarkMask(word: string, flagName: string): MarkMask {
  const slash = word.indexOf('/')
  const value = readUint(slash < 0 ? word : word.slice(0, slash))
  const mask = slash < 0 ? FULL_MASK : readUint(word.slice(slash + 1))
  if (Number.isNaN(value) || Number.isNaN(mask))
    throw new BadValue(`bad mark value for option "${flagName}", or out of range`)
  return { value, mask }
}

/** A port by number or service name. @throws BadValue */
export function readPort(word: string, proto?: string): number {
  const n = readUint(word, 0xffff)
  const port = Number.isNaN(n) ? servicePort(word, proto) : n
  if (port === undefined) throw new BadValue(`invalid port/service \`${word}' specified`)
  return port
}

function looselyRead(word: string, proto?: string): number {
  const n = readUint(word)
  return Number.isNaN(n) ? readPort(word, proto) : n & 0xffff
}

/** A port, or a range `a:b` with either end left out; `0:65535` is not printed, as xt_tcp's save does. */
export const portRange = (
  flags: Flags,
  proto: string | undefined,
  o: RowOptions & {
    /** Read as the option parser of libxtables reads ports: in any order, and only 16 bits of them. */
    readonly loose?: boolean
    /** `0:65535` is printed too. */
    readonly showFull?: boolean
  } = {},
): OptionSpec<Range> => ({
  flags: list(flags),
  words: 1,
  ...rest(o),
  read([word]) {
    const range = readPortRange(word!, proto, o.loose ? looselyRead : readPort)
    if (!o.loose && range.from > range.to) throw new BadValue('invalid portrange (min > max)')
    return range
  },
  print: r => (r.from === 0 && r.to === 0xffff && !o.showFull ? undefined : [rangeText(r)]),
})

/** @throws BadValue */
export function readPortRange(
  word: string,
  proto?: string,
  read: (word: string, proto?: string) => number = readPort,
): Range {
  const colon = word.indexOf(':')
  if (colon < 0) {
    const n = read(word, proto)
    return { from: n, to: n }
  }
  const low = word.slice(0, colon)
  const high = word.slice(colon + 1)
  return { from: low === '' ? 0 : read(low, proto), to: high === '' ? 0xffff : read(high, proto) }
}

/** Free text, printed with the tool's quotes. `max`: bytes, as the kernel's field holds them. */
export const text = (
  flags: Flags,
  o: RowOptions & {
    readonly min?: number
    readonly max?: number
    /** Printed as it stands, without quotes, as the tool does for names of sets and the like. */
    readonly bare?: boolean
  } = {},
): OptionSpec<string> => ({
  flags: list(flags),
  words: 1,
  ...rest(o),
  ...(!o.bare && { quote: true }),
  read([word], _context, as) {
    const size = byteLength(word!)
    if (size < (o.min ?? 0) || size > (o.max ?? 65535))
      throw new BadValue(`Argument to "${as}" must have a length of ${o.min ?? 0}–${o.max} characters`)
    return word!
  },
  print: s => [s],
})

/** Length in UTF-8. */
export function byteLength(s: string): number {
  let n = 0
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i)
    n += c < 0x80 ? 1 : c < 0x800 ? 2 : c >= 0xd800 && c < 0xe000 ? 2 : 3
  }
  return n
}

/** One word of a list of words; `ignoreCase` where the tool compares with strcasecmp. */
export const keyword = <const K extends string>(
  flags: Flags,
  words: readonly K[],
  o: RowOptions & { readonly ignoreCase?: boolean; readonly what?: string } = {},
): OptionSpec<K> => ({
  flags: list(flags),
  words: 1,
  ...rest(o),
  read([word], _context, as) {
    const found = words.find(w => w === word || (o.ignoreCase && w.toLowerCase() === word!.toLowerCase()))
    if (found === undefined) throw new BadValue(`bad ${o.what ?? 'value'} "${word}" for option "${as}"`)
    return found
  },
  print: k => [k],
})

/** A comma list, each item read by `item`; printed joined by commas. */
export const commaList = <T>(
  flags: Flags,
  item: { read(word: string, flagName: string): T; print(value: T): string },
  o: RowOptions & { readonly max?: number } = {},
): OptionSpec<readonly T[]> => ({
  flags: list(flags),
  words: 1,
  ...rest(o),
  read([word], _context, as) {
    const items = word!.split(',')
    if (items.length > (o.max ?? 65535))
      throw new BadValue(`at most ${o.max} values may stand after "${as}", not ${items.length}`)
    return items.map(i => item.read(i, as))
  },
  print: values => [values.map(v => item.print(v)).join(',')],
})

/** An Ethernet address; printed lower case. */
export const macAddress = (flags: Flags, o: RowOptions = {}): OptionSpec<Mac> => ({
  flags: list(flags),
  words: 1,
  ...rest(o),
  read([word]) {
    const mac = word!.includes('-') ? undefined : parseMac(word!)
    if (mac === undefined) throw new BadValue(`"${word}" is no MAC address`)
    return mac
  },
  print: m => [m],
})
