import { describe, expect, test } from 'vitest'
import { parseIptablesSave } from '../../src/parse/iptables-save.js'
import { printRuleset } from '../../src/print/iptables-save.js'
import type { Family } from '../../src/values/ip.js'

const read = (text: string, family: Family = 'ipv4') =>
  parseIptablesSave(text, { file: 'rules', family, backend: 'legacy' })
const filter = (...lines: string[]) => read(['*filter', ...lines, 'COMMIT', ''].join('\n'))
const rulesOf = (result: ReturnType<typeof read>) =>
  printRuleset(result.ruleset)
    .split('\n')
    .filter(l => l.startsWith('-A'))
const said = (result: ReturnType<typeof read>) =>
  result.problems.map(p => `${p.line}:${p.column} ${p.severity === 'error' ? '' : 'warning: '}${p.message}`)

describe('lines that iptables-restore takes', () => {
  test.each([
    ['-A FORWARD -j ACCEPT', '-A FORWARD -j ACCEPT'],
    ['\t -A FORWARD\t-j   ACCEPT  ', '-A FORWARD -j ACCEPT'],
    ['--append FORWARD --jump ACCEPT', '-A FORWARD -j ACCEPT'],
    ['-j ACCEPT -A FORWARD', '-A FORWARD -j ACCEPT'],
    ['[3:4]-A FORWARD -j ACCEPT', '-A FORWARD -j ACCEPT'],
    ['-A FORWARD ! -s 10.0.0.0/8 -j ACCEPT', '-A FORWARD ! -s 10.0.0.0/8 -j ACCEPT'],
    ['-A "FORWARD" -j "ACCEPT"', '-A FORWARD -j ACCEPT'],
    ['-4 -A FORWARD -j ACCEPT', '-A FORWARD -j ACCEPT'],
  ])('%s', (line, printed) => {
    const result = filter(line)
    expect(said(result)).toEqual([])
    expect(rulesOf(result)).toEqual([printed])
  })

  test('quotes: escapes inside, none outside, joined to what stands before', () => {
    const words = (text: string) => {
      const rule = filter(`-A FORWARD -m nobody --text ${text} -j ACCEPT`).ruleset.tables[0]!.chains.find(
        c => c.name === 'FORWARD',
      )!.rules[0]!
      const match = rule.matches[0]!
      return match.known ? [] : match.options[0]!.words
    }
    expect(words('"a b\\"c\\\\d"')).toEqual(['a b"c\\d'])
    expect(words('a\\000b')).toEqual(['a\\000b'])
    expect(words('""')).toEqual([''])
    expect(words('ab"c d"')).toEqual(['abc d'])
    expect(words('"a"b')).toEqual(['a', 'b'])
    expect(words("'a b'")).toEqual(["'a", "b'"])
    expect(words('"-j x"')).toEqual(['-j x'])
    expect(words('-1')).toEqual(['-1'])
  })

  test('comments, blank lines, CRLF, a byte order mark, no newline at the end', () => {
    const text = '\ufeff# Warning: x\r\n*filter\r\n\r\n:FORWARD DROP [5:6]\r\n-A FORWARD -j ACCEPT\r\nCOMMIT'
    const result = read(text)
    expect(said(result)).toEqual([])
    const chain = result.ruleset.tables[0]!.chains.find(c => c.name === 'FORWARD')!
    expect(chain).toMatchObject({ policy: 'DROP', counters: [5, 6], line: 4 })
    expect(chain.rules[0]).toMatchObject({ line: 5, text: '-A FORWARD -j ACCEPT' })
  })

  test('counters before -A, behind -c, and which of them counts', () => {
    const result = filter('[1:2] -A FORWARD -j ACCEPT', '-A FORWARD -c 3 4', '[1:2] -A FORWARD -c 5 6')
    expect(said(result)).toEqual([])
    const rules = result.ruleset.tables[0]!.chains.find(c => c.name === 'FORWARD')!.rules
    expect(rules.map(r => r.counters)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expect(printRuleset(result.ruleset, { counters: true })).toContain('[1:2] -A FORWARD -j ACCEPT\n')
  })

  test('built-in chains that are not declared are there, with ACCEPT', () => {
    expect(printRuleset(filter().ruleset).split('\n').slice(1)).toEqual([
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':FORWARD ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      'COMMIT',
      '',
    ])
  })

  test('-I, -R, -D, -N, -X, -E, -P, -F as the tool does them', () => {
    const result = filter(
      '-N A',
      '-N B',
      '-A FORWARD -j DROP',
      '-I FORWARD -s 1.1.1.1,2.2.2.2 -j ACCEPT',
      '-I FORWARD 2 -j A',
      '-R FORWARD 4 -j RETURN',
      '-D FORWARD -s 1.1.1.1/32 -j ACCEPT',
      '-A B -j DROP',
      '-F B',
      '-X B',
      '-E A C',
      '-P INPUT DROP',
    )
    expect(said(result)).toEqual([])
    expect(rulesOf(result)).toEqual([
      '-A FORWARD -s 2.2.2.2/32 -j ACCEPT',
      '-A FORWARD -j C',
      '-A FORWARD -j RETURN',
    ])
    const { chains } = result.ruleset.tables[0]!
    expect(chains.map(c => `${c.name} ${c.policy ?? '-'}`)).toEqual([
      'INPUT DROP',
      'FORWARD ACCEPT',
      'OUTPUT ACCEPT',
      'C -',
    ])
  })

  test('a table twice: the later one counts, policies stay', () => {
    const result = read(
      '*filter\n:OUTPUT DROP [0:0]\n-A INPUT -j DROP\nCOMMIT\n*nat\nCOMMIT\n*filter\n-A INPUT -j ACCEPT\nCOMMIT\n',
    )
    expect(said(result)).toEqual(['7:1 warning: table filter again: this one replaces that of line 1'])
    expect(rulesOf(result)).toEqual(['-A INPUT -j ACCEPT'])
    expect(result.ruleset.tables[0]!.chains.find(c => c.name === 'OUTPUT')!.policy).toBe('DROP')
  })

  test('names that mean something to JavaScript are names', () => {
    const result = filter(
      ':__proto__ - [0:0]',
      ':constructor - [0:0]',
      '-A FORWARD -j __proto__',
      '-A __proto__ -j constructor',
    )
    expect(said(result)).toEqual([])
    expect(rulesOf(result)).toEqual(['-A FORWARD -j __proto__', '-A __proto__ -j constructor'])
    expect(said(read('*__proto__\nCOMMIT\n'))[0]).toMatch(/^1:1 unknown table __proto__/)
  })
})

describe('lines that it refuses, and where', () => {
  test.each([
    ['hello', '2:1', /^expected .*a table .*an option.*, but there is "hello"$/],
    ['-A FORWARD -s ! 10.0.0.0/8 -j ACCEPT', '2:17', /! stands before it/],
    ['-A FORWARD ! ! -s 10.0.0.0/8', '2:14', /expected an option that ! negates/],
    ['-A FORWARD -j ACCEPT !', '2:23', /that ! negates.*, but the line ends/],
    ['-A FORWARD -j LOG --log-prefix "abc', '2:32', /quote that opens here is not closed/],
    ['-A FORWARD -j LOG --log-prefix abc"', '2:35', /quote that opens here is not closed/],
    ['-A NOPE -j ACCEPT', '2:1', /table filter has no chain NOPE/],
    ['-A', '2:1', /needs the name of a chain/],
    ['-A FORWARD X -j ACCEPT', '2:1', /X is too much/],
    ['-A FORWARD -t nat -j ACCEPT', '2:12', /-t/],
    ['-A FORWARD -A INPUT', '2:12', /-A/],
    ['-j ACCEPT', '2:1', /no command/],
    ['! -A FORWARD', '2:3', /! can't stand before/],
    ['[1:2 -A FORWARD', '2:5', /expected ']'/],
    ['[1:x] -A FORWARD', '2:4', /expected a number/],
    ['[1:2]', '2:6', /expected an option, but the line ends/],
    [':FORWARD', '2:9', /expected a policy .*, but the line ends/],
    [':FORWARD MAYBE [0:0]', '2:1', /MAYBE is no policy/],
    [':FORWARD DROP [a:6]', '2:16', /expected a number/],
    [':PREROUTING ACCEPT [0:0]', '2:1', /no built-in chain PREROUTING/],
    [':ACCEPT - [0:0]', '2:1', /that is a verdict/],
    [`:${'a'.repeat(29)} - [0:0]`, '2:1', /at most 28/],
    ['-I FORWARD 0 -j ACCEPT', '2:1', /no place 0/],
    ['-I FORWARD 5 -j ACCEPT', '2:1', /no place 5 in FORWARD, which holds 0 rules/],
    ['-D FORWARD 1', '2:1', /no place 1/],
    ['-D FORWARD -j DROP', '2:1', /holds no such rule/],
    ['-N FORWARD', '2:1', /exists already/],
    ['-P X ACCEPT', '2:1', /no chain X/],
    ['-X FORWARD', '2:1', /built in/],
    ['COMMIT x', '2:8', /expected the end of the line/],
    ['-A FORWARD -j ACC\0EPT', '2:18', /NUL/],
    [`-A FORWARD -j ACCEPT${' '.repeat(10_220)}`, '2:10240', /more than 10239 bytes/],
  ])('%s', (line, place, message) => {
    const [first, ...more] = filter(line).problems
    expect(more).toEqual([])
    expect(first).toMatchObject({ file: 'rules', severity: 'error' })
    expect(`${first!.line}:${first!.column}`).toBe(place)
    expect(first!.message).toMatch(message)
  })

  test('10,239 bytes are taken', () => {
    expect(said(filter(`-A FORWARD -j ACCEPT${' '.repeat(10_219)}`))).toEqual([])
    expect(said(filter(`-A FORWARD -m nobody --x ${'ü'.repeat(5200)}`))[0]).toMatch(/^2:10240/)
  })

  test('one bad line does not hide the next, and the good ones are read', () => {
    const result = filter('hello', '-A FORWARD -j DROP', ':FORWARD', '-A NOPE -j DROP')
    expect(result.problems.map(p => [p.line, p.column])).toEqual([
      [2, 1],
      [4, 9],
      [5, 1],
    ])
    expect(result.problems[1]!.source).toBe(':FORWARD')
    expect(rulesOf(result)).toEqual(['-A FORWARD -j DROP'])
  })

  test('a user chain twice; a built-in one is only warned of', () => {
    expect(said(filter(':X - [0:0]', ':X - [0:0]'))).toEqual([
      '3:1 chain X is declared twice (first in line 2)',
    ])
    expect(said(filter(':INPUT DROP [0:0]', ':INPUT ACCEPT [0:0]'))).toEqual([
      '3:1 warning: chain INPUT is declared twice (first in line 2): this one counts',
    ])
  })

  test('a cut dump, and a table that begins before the last one ended', () => {
    expect(said(read('*nat\n:X - [0:0]\n'))).toEqual([
      '2:1 the dump is cut: table nat (line 1) has no COMMIT',
    ])
    expect(said(read('*nat\n*filter\nCOMMIT\n'))).toEqual([
      '2:1 the dump is cut: table nat (line 1) has no COMMIT before this table',
    ])
  })

  test('what stands outside any table is told once', () => {
    expect(said(read('-A FORWARD -j DROP\n-A FORWARD -j ACCEPT\n'))).toEqual([
      '1:1 a rule stands outside any table: a line such as *filter must come before it',
    ])
    expect(said(read('COMMIT\n'))).toEqual(['1:1 COMMIT without a table'])
    expect(said(read('*fliter\n:X - [0:0]\nCOMMIT\n'))[0]).toMatch(/^1:1 unknown table fliter.*filter\?$/)
  })

  test('a dump of the other family gets a hint', () => {
    const v6 = '*filter\n-A INPUT -s 2001:db8::1/128 -j ACCEPT\nCOMMIT\n'
    expect(said(read(v6, 'ipv6'))).toEqual([])
    expect(said(read(v6))[0]).toMatch(/^2:10 .*\(is this an ip6tables-save dump\?\)$/)
    expect(said(read('# Generated by ip6tables-save v1.8.9\n*filter\nCOMMIT\n'))).toEqual([
      '1:1 this is an ip6tables-save dump, but it is read as iptables-save',
    ])
  })

  test('the output of another command gets one answer', () => {
    expect(said(read('table ip nat {\n\tchain x {\n\t}\n}\n'))).toEqual([
      '1:1 expected `iptables-save`; this looks like `nft list ruleset`, which nfsim does not simulate; take `iptables-save`',
    ])
  })

  test('no more than a thousand errors', () => {
    const result = filter(...Array.from({ length: 5000 }, () => 'hello'))
    expect(result.problems).toHaveLength(1001)
    expect(result.problems.at(-1)!.message).toMatch(/too many/)
  })
})
