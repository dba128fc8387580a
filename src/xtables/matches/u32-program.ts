import { and, type Truth } from '../extension.js'
import { bitAnd, isTold, readWord, shiftLeft, shiftRight, told } from '../known-bits.js'

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

/** The number at a location: an offset, then operators in a row. */
function read(location: string, bytes: Bytes): number | 'unknown' | 'outside' {
  const [first = '0', ...operations] = location.split(/(?=&|<<|>>|@)/)
  let at = 0
  let word = readWord(bytes, Number(first), 4)
  for (const operation of operations) {
    if (!word) return 'outside'
    const [, operator = '', text = '0'] = /^(&|<<|>>|@)(.*)$/.exec(operation) ?? []
    const n = Number(text)
    if (operator === '@') {
      if (!isTold(word)) return 'unknown'
      at += word.value
      word = readWord(bytes, at + n, 4)
    } else if (operator === '&') word = bitAnd(word, told(n))
    else if (n > 31) word = told(0)
    else word = operator === '<<' ? shiftLeft(word, n) : shiftRight(word, n)
  }
  if (!word) return 'outside'
  return isTold(word) ? word.value : 'unknown'
}
