import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printRule } from '../../src/xtables/print-rule.js'
import type { RawOption, RawRule } from '../../src/xtables/raw.js'
import { allExtensions, findMatch, findTarget } from '../../src/xtables/registry.js'
import { lowerRule } from '../../src/xtables/rule.js'

const context = {
  table: 'filter',
  family: 'ipv4',
  backend: 'legacy',
  chains: new Set(['USER']),
  file: 'x',
} as const
const raw = (options: readonly Partial<RawOption>[], chain = 'FORWARD'): RawRule => ({
  chain,
  text: '',
  line: 1,
  options: options.map((o, i) => ({ flag: '', not: false, words: [], column: 10 + i, ...o })),
})
const lower = (...options: Partial<RawOption>[]) => {
  const { rules, problems } = lowerRule(raw(options), context)
  return { printed: rules.map(r => printRule(r, 'FORWARD', context)), problems }
}

describe('places', () => {
  test('an error stands at the option that it is about', () => {
    const { problems } = lower({ flag: '-p', words: ['tcp'] }, { flag: '--dport', words: ['x'] })
    expect(problems).toEqual([
      { severity: 'error', column: 11, message: "tcp: invalid port/service `x' specified" },
    ])
  })
  test('what nobody knows is kept as written, with a warning', () => {
    const { printed, problems } = lower(
      { flag: '-m', words: ['nosuch'] },
      { flag: '--with', not: true, words: ['a b', 'c'] },
      { flag: '-j', words: ['THEIRS'] },
      { flag: '--fast' },
    )
    expect(printed).toEqual(['-A FORWARD -m nosuch ! --with "a b" c -j THEIRS --fast'])
    expect(problems.map(p => [p.severity, p.column])).toEqual([
      ['warning', 10],
      ['warning', 12],
    ])
  })
  test('a jump to nowhere is an error', () => {
    expect(lower({ flag: '-j', words: ['NOWHERE'] }).problems).toMatchObject([
      { severity: 'error', column: 10 },
    ])
    expect(lower({ flag: '-g', words: ['NOWHERE'] }).problems).toMatchObject([
      { severity: 'error', column: 10 },
    ])
  })
  test('a value that looks like an option is taken by the option that needs it', () => {
    expect(
      lower({ flag: '-m', words: ['comment'] }, { flag: '--comment' }, { flag: '-foo' }).printed,
    ).toEqual(['-A FORWARD -m comment --comment -foo'])
  })
  test('lists of addresses make a rule each, sources first', () => {
    expect(
      lower({ flag: '-s', words: ['1.1.1.1,2.2.2.2'] }, { flag: '-d', words: ['3.3.3.3,4.4.4.4'] }).printed,
    ).toEqual([
      '-A FORWARD -s 1.1.1.1/32 -d 3.3.3.3/32',
      '-A FORWARD -s 1.1.1.1/32 -d 4.4.4.4/32',
      '-A FORWARD -s 2.2.2.2/32 -d 3.3.3.3/32',
      '-A FORWARD -s 2.2.2.2/32 -d 4.4.4.4/32',
    ])
  })
  test('too many addresses are refused, not multiplied', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`).join(',')
    expect(lower({ flag: '-s', words: [many] }, { flag: '-d', words: [many] }).problems).toMatchObject([
      { severity: 'error' },
    ])
  })
  test('a rule for the other family is passed over', () => {
    expect(lower({ flag: '-6' }, { flag: '-j', words: ['DROP'] })).toEqual({ printed: [], problems: [] })
  })
})

describe('names that are properties of every object are names like others', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s', name => {
    expect(findMatch(name, 'ipv4')).toBeUndefined()
    expect(findTarget(name, 'ipv4')).toBeUndefined()
    expect(lower({ flag: '-j', words: [name] }).problems).toMatchObject([{ severity: 'error' }])
    expect(lower({ flag: '-m', words: ['tcp'] }, { flag: `--${name}`, words: ['1'] }).problems).toMatchObject(
      [{ severity: 'error' }],
    )
  })
})

test('equal rules of different tables and families do not share what they hold', () => {
  const chains = new Set<string>()
  const rule = raw([{ flag: '-s', words: ['::1/64'] }])
  expect(lowerRule(rule, { ...context, chains }).problems).toHaveLength(1)
  const six = lowerRule(rule, { ...context, chains, family: 'ipv6' })
  expect(six.rules.map(r => printRule(r, 'FORWARD', { family: 'ipv6' }))).toEqual(['-A FORWARD -s ::/64'])
})

const flags = allExtensions().flatMap(e => Object.values(e.options).flatMap(o => [...o.flags]))
const names = allExtensions().map(e => e.name)
const word = fc.oneof(
  fc.constantFrom(
    ...names,
    'tcp',
    'udp',
    'icmp',
    'USER',
    'ACCEPT',
    '10.0.0.0/8',
    '1:2',
    '80',
    '0x1/0x2',
    'src,dst',
    'NEW',
    '',
  ),
  fc.string({ maxLength: 12 }),
)
const option = fc.record({
  flag: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('-m', '-j', '-p', '-s', '-i', '-g', '-c') },
    { weight: 4, arbitrary: fc.constantFrom(...flags) },
    fc.string({ maxLength: 8 }).map(s => `-${s}`),
  ),
  not: fc.boolean(),
  words: fc.array(word, { maxLength: 3 }),
})

test('whatever is asked, there is a rule or a complaint, and what is printed is no secret to the printer', () => {
  fc.assert(
    fc.property(fc.array(option, { maxLength: 6 }), fc.boolean(), (options, six) => {
      const here = { ...context, family: six ? 'ipv6' : 'ipv4' } as const
      const { rules, problems } = lowerRule(raw(options), here)
      if (
        rules.length === 0 &&
        !options.some(o => ['-4', '-6', '--ipv4', '--ipv6'].includes(o.flag.split('=')[0]!))
      )
        expect(problems.some(p => p.severity === 'error')).toBe(true)
      for (const rule of rules) expect(printRule(rule, 'FORWARD', here)).toMatch(/^-A FORWARD/)
    }),
    { numRuns: 3000 },
  )
})
