import type { Arg } from '../../model/ruleset.js'
import { packetBytes } from '../../skb/packet-bytes.js'
import { defineMatch } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { allOf, isnt, part } from '../parts.js'
import { runProgram } from './u32-program.js'

const MOST_TESTS = 10
const MOST_VALUES = 10
const hex = (n: number): string => `0x${n.toString(16)}`

/** Walks over a program such as `6 & 0xFF = 1 : 5 && 0 >> 22 & 0x3C @ 4 = 0x29`. */
class Reader {
  private at = 0
  constructor(private readonly text: string) {}
  private skip(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++
  }
  get done(): boolean {
    this.skip()
    return this.at >= this.text.length
  }
  take(word: string): boolean {
    this.skip()
    if (!this.text.startsWith(word, this.at)) return false
    this.at += word.length
    return true
  }
  /** A single `&` is a mask, two are the next test. */
  takeMask(): boolean {
    this.skip()
    return this.text.startsWith('&', this.at) && !this.text.startsWith('&&', this.at) && this.take('&')
  }
  number(): string {
    this.skip()
    const start = this.at
    while (/[0-9a-zA-Z]/.test(this.text[this.at] ?? '')) this.at++
    const n = readUint(this.text.slice(start, this.at))
    if (Number.isNaN(n)) throw new BadValue(`at char ${start}: a number is expected`)
    return hex(n)
  }
}

/** The program in the spelling of iptables-save. @throws BadValue */
function readProgram(word: string): string {
  const reader = new Reader(word)
  const tests: string[] = []
  do {
    let location = reader.number()
    for (;;) {
      const operator = reader.takeMask() ? '&' : ['<<', '>>', '@'].find(o => reader.take(o))
      if (operator === undefined) break
      location += operator + reader.number()
    }
    if (reader.done) throw new BadValue('abrupt end of input after location specifier')
    if (!reader.take('=')) throw new BadValue("unexpected character in the location: '=' is expected")
    const values: string[] = []
    do {
      const low = reader.number()
      values.push(reader.take(':') ? `${low}:${reader.number()}` : low)
    } while (reader.take(','))
    if (values.length > MOST_VALUES) throw new BadValue('too many ","s')
    tests.push(`${location}=${values.join(',')}`)
  } while (reader.take('&&'))
  if (!reader.done) throw new BadValue('unexpected character behind a value')
  if (tests.length > MOST_TESTS) throw new BadValue(`at most ${MOST_TESTS} tests may stand in a program`)
  return tests.join('&&')
}

export const u32 = defineMatch({
  name: 'u32',
  summary: 'compares any four bytes of the packet',
  doc: 'Each test takes four bytes at an offset from the IP header (@ moves it on), masks and shifts them, and compares with values or ranges; all tests must hold. Bytes that a simulation does not know (sequence numbers, checksums, data without --payload) make it unknown.',
  kernel: 'net/netfilter/xt_u32.c u32_mt()',
  options: {
    u32: option<string>({
      flags: ['--u32'],
      words: 1,
      negatable: true,
      required: true,
      read: ([word]) => readProgram(word!),
      print: p => [`"${p}"`],
    }),
  },
  ...allOf<{ readonly u32?: Arg<string> | undefined }>(({ skb }, { u32: asked }) => {
    if (!asked) return []
    const raw = runProgram(asked.value, packetBytes(skb.packet).bytes)
    const says =
      raw === 'unknown' ? "some of the packet's bytes are not told" : `its bytes do ${isnt(raw)}fit`
    return [part(raw, asked.not, () => says)]
  }),
})
