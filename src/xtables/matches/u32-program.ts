import { and, type Truth } from '../extension.js'

type Bytes = readonly (number | undefined)[]

/** Runs a program as u32 prints it, `0x6&0xff=0x1&&0x0>>0x16&0x3c@0x4=0x29:0x30`: u32_match_it() of xt_u32.c. */
export function runProgram(program: string, bytes: Bytes): Truth {
  let all: Truth = true
  for (const test of program.split('&&')) {
    const [location = '', values = ''] = test.split('=')
    const seen = read(location, bytes)
    // beyond the end of the packet nothing fits, and nothing further is asked
    if (seen === 'outside') return false
    const ranges = values.split(',').map(range => range.split(':').map(Number))
    const fits = (n: number) => ranges.some(([low = 0, high = low]) => n >= low && n <= high)
    all = and(all, seen === 'unknown' ? 'unknown' : fits(seen))
    if (all === false) return false
  }
  return all
}

const ALL = 0xffffffff
/** A number of which some bits are not known. */
interface Word {
  readonly value: number
  /** The bits that are. */
  readonly known: number
}

/** The number at a location: an offset, then operators in a row. */
function read(location: string, bytes: Bytes): number | 'unknown' | 'outside' {
  const [first = '0', ...operations] = location.split(/(?=&|<<|>>|@)/)
  let at = 0
  let word = four(bytes, Number(first))
  for (const operation of operations) {
    if (!word) return 'outside'
    const { value, known } = word
    const [, operator = '', text = '0'] = /^(&|<<|>>|@)(.*)$/.exec(operation) ?? []
    const n = Number(text)
    if (operator === '@') {
      if (known !== ALL) return 'unknown'
      at += value
      word = four(bytes, at + n)
    } else if (operator === '&') word = { value: (value & n) >>> 0, known: (known | ~n) >>> 0 }
    else if (n > 31) word = { value: 0, known: ALL }
    else if (operator === '<<')
      word = { value: (value << n) >>> 0, known: ((known << n) | ~(ALL << n)) >>> 0 }
    else word = { value: value >>> n, known: n === 0 ? known : ((known >>> n) | (ALL << (32 - n))) >>> 0 }
  }
  if (!word) return 'outside'
  return word.known === ALL ? word.value : 'unknown'
}

/** Four bytes in network order; undefined beyond the end. */
function four(bytes: Bytes, at: number): Word | undefined {
  if (at + 4 > bytes.length) return undefined
  let value = 0
  let known = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i]
    value = value * 256 + (byte ?? 0)
    known = known * 256 + (byte === undefined ? 0 : 255)
  }
  return { value, known }
}
