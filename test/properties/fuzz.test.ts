import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { READERS } from '../../src/cli/parse-kinds.js'
import type { Problem } from '../../src/model/place.js'
import { findDump } from '../../src/parse/paste.js'
import { formatProblem } from '../../src/parse/problems.js'
import { recognise } from '../../src/parse/recognise.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { trace } from '../../src/talk/trace.js'
import { MUSEUM } from '../parse/museum.js'

/**
 * Real dumps, broken by chance: whatever comes of them is read or refused with a place, soon, and never thrown at the
 * user. NFSIM_FUZZ_SECONDS sets how long (default 10; CI takes a minute), NFSIM_SEED repeats a run.
 */
const SECONDS = Number(process.env.NFSIM_FUZZ_SECONDS ?? 10)
/** One dump takes no longer than this on a slow machine, milliseconds. */
const LONGEST = 4000
/** Larger dumps are slow to break and tell nothing else. */
const LARGEST = 60_000

function textsBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !/\.(tsv|md|ts|svg|gz|br)$/.test(entry.name))
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .filter(text => text.length < LARGEST)
}
const root = new URL('../..', import.meta.url).pathname
// where other people's dumps are absent, our own scenarios are real enough
const DUMPS = [MUSEUM, join(root, 'scenarios'), join(root, 'test/parse/listings')].flatMap(textsBelow)

const WORDS = [
  ...'! - -- -A -m -j -s --dport "" " \\ \' 0 -1 65536 4294967296 0x 1e9 null'.split(' '),
  ...'__proto__ constructor *filter COMMIT :X [0:0] 10.0.0.0/33 ::/129 fe80::1%eth0 create add'.split(' '),
  ...['\0', '\r', '\t', '\u001b[2J', '\u{1F600}', '\ud800', '\ufeff', '%s%n', '$(x)', '<script>'],
]
const mutation = fc.record({
  kind: fc.constantFrom(
    'drop line',
    'double line',
    'swap lines',
    'splice',
    'cut',
    'word',
    'character',
    'join',
    'repeat',
  ),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  to: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  word: fc.constantFrom(...WORDS),
})
const broken = fc
  .record({
    dump: fc.constantFrom(...DUMPS),
    other: fc.constantFrom(...DUMPS),
    mutations: fc.array(mutation, { minLength: 1, maxLength: 6 }),
  })
  .map(({ dump, other, mutations }) => mutations.reduce((text, m) => mutated(text, other, m), dump))

function mutated(
  text: string,
  other: string,
  m: typeof mutation extends fc.Arbitrary<infer M> ? M : never,
): string {
  const lines = text.split('\n')
  const at = Math.floor(m.at * lines.length)
  const to = Math.floor(m.to * lines.length)
  const line = lines[at] ?? ''
  const words = line.split(' ')
  const place = Math.floor(m.to * words.length)
  const join = (changed: readonly string[]) => changed.join('\n')
  switch (m.kind) {
    case 'drop line':
      return join(lines.toSpliced(at, 1))
    case 'double line':
      return join(lines.toSpliced(to, 0, line))
    case 'swap lines':
      return join(lines.with(at, lines[to] ?? '').with(to, line))
    case 'splice':
      return join([...lines.slice(0, at), ...other.split('\n').slice(to)])
    case 'cut':
      return text.slice(0, Math.floor(m.at * text.length))
    case 'word':
      return join(lines.with(at, words.with(place, m.word).join(' ')))
    case 'character': {
      const i = Math.floor(m.at * text.length)
      return text.slice(0, i) + m.word + text.slice(i + 1)
    }
    case 'join':
      return join(lines.toSpliced(at, 2, `${line} ${lines[at + 1] ?? ''}`))
    case 'repeat':
      return join(lines.with(at, words.with(place, (words[place] ?? '').slice(0, 2000).repeat(50)).join(' ')))
  }
}

function honest(problems: readonly Problem[], text: string): void {
  const lines = text.split('\n').length
  for (const p of problems.slice(0, 50)) {
    expect(p.message).not.toMatch(/undefined|\[object|TypeError|RangeError|NaN/)
    expect(p.line).toBeGreaterThanOrEqual(0)
    expect(p.line).toBeLessThanOrEqual(lines + 1)
    expect(p.column).toBeGreaterThanOrEqual(p.line === 0 ? 0 : 1)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(formatProblem(p)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  }
}

const ADDR =
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n'
/** The file of a snapshot that a kind of dump belongs in. */
const FILES = new Map([
  ['iptables-save', 'iptables-save.txt'],
  ['ip6tables-save', 'ip6tables-save.txt'],
  ['ipset-save', 'ipset-save.txt'],
  ['ipvsadm', 'ipvsadm.txt'],
  ['ip-route', 'ip-route.txt'],
  ['conntrack', 'conntrack.txt'],
])

function throughAll(text: string): void {
  const kind = recognise(text)
  findDump(text)
  const reader = kind && READERS[kind]
  if (reader) {
    const read = reader({ text, file: 'dump', counters: true })
    honest(read.problems, text)
    if (!read.problems.some(p => p.severity === 'error')) {
      JSON.stringify(read.model)
      const printed = read.print()
      // of a listing comes a dump
      const printer = READERS[kind.replace(/tables-(rules|list)$/, 'tables-save') as typeof kind] ?? reader
      const again = printer({ text: printed, file: 'again', counters: true })
      expect(again.problems.filter(p => p.severity === 'error')).toEqual([])
      expect(again.print()).toBe(printed)
    }
  }
  const file = FILES.get(kind ?? '')
  if (file === undefined) return
  const snapshot = loadSnapshot(
    new Map([
      ['n/ip-addr.txt', ADDR],
      [`n/${file}`, text],
    ]),
  )
  honest(snapshot.problems, text)
  trace(snapshot, { src: 'n', dst: '127.0.0.1', dport: 80 })
}

test('real dumps, broken by chance', { timeout: SECONDS * 2000 + 20_000 }, () => {
  expect(DUMPS.length).toBeGreaterThan(10)
  const seed = Number(process.env.NFSIM_SEED ?? 0)
  const until = performance.now() + SECONDS * 1000
  let tried = 0
  for (let round = 0; performance.now() < until; round++)
    fc.assert(
      fc.property(broken, text => {
        const start = performance.now()
        throughAll(text)
        tried++
        expect(performance.now() - start).toBeLessThan(LONGEST)
      }),
      { seed: (seed + round) % 0x7fffffff, numRuns: 50 },
    )
  expect(tried).toBeGreaterThan(SECONDS)
})
