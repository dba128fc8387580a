import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIptablesSave } from '../../src/parse/iptables-save.js'
import { parseIpvsadm } from '../../src/parse/ipvsadm.js'
import { recognise } from '../../src/parse/recognise.js'
import { printRuleset } from '../../src/print/iptables-save.js'
import { printIpvsList } from '../../src/print/ipvsadm.js'

/** Words that dumps are made of, and words that break them. */
const WORDS = [
  ...'*filter *nat COMMIT :FORWARD :X :__proto__ - ACCEPT DROP [0:0] [1:2] [ ] # ! "'.split(' '),
  ...'-A -I -D -N -X -P -E -R -F -t -c -s -d -p -m -j -g FORWARD X __proto__ constructor 1 0 -1'.split(' '),
  ...'tcp udp comment --comment conntrack --ctstate NEW --dport 80 10.0.0.0/8 ::1 eth0 -i -o'.split(' '),
  ...'TCP UDP FWM -> 10.0.0.1:80 [::1]:80 rr Masq Route persistent mask pe ops (sh-port) -r -w -b'.split(' '),
  '"a b"',
  '"a\\"b"',
  '\\',
  '\0',
  '\u{1F600}',
  '\ufeff',
]
const line = fc.oneof(
  fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map(words => words.join(' ')),
  fc.string({ unit: 'binary', maxLength: 60 }),
)
const text = fc.array(line, { maxLength: 12 }).map(lines => lines.join('\n'))

const isHonest = (problems: readonly { line: number; column: number; message: string }[]) => {
  for (const p of problems) {
    expect(p.line).toBeGreaterThan(0)
    expect(p.column).toBeGreaterThan(0)
    expect(p.message).not.toMatch(/undefined|\[object|TypeError/)
  }
}

describe('no text crashes a reader', () => {
  test('rules', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('ipv4' as const, 'ipv6' as const), (dump, family) => {
        isHonest(parseIptablesSave(dump, { file: 'x', family, backend: 'legacy' }).problems)
        isHonest(
          parseIptablesSave(`*filter\n${dump}\nCOMMIT\n`, { file: 'x', family, backend: 'nft' }).problems,
        )
        recognise(dump)
      }),
      { numRuns: 3000 },
    )
  })

  test('virtual services', () => {
    fc.assert(
      fc.property(text, dump => {
        isHonest(parseIpvsadm(dump, { file: 'x' }).problems)
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['a line of a megabyte', `*filter\n-A FORWARD ${'-m comment '.repeat(100_000)}\nCOMMIT\n`],
    ['a megabyte of quotes', `*filter\n${'"'.repeat(9000)}\n${'\\"'.repeat(4000)}\nCOMMIT\n`],
    ['many options in a line', `*filter\n-A FORWARD ${'-s '.repeat(3000)}\nCOMMIT\n`],
    ['a hundred thousand blank lines', '\n'.repeat(100_000)],
    ['a hundred thousand NUL bytes', '\0'.repeat(100_000)],
    ['a hundred thousand lines with one', '\0\n'.repeat(100_000)],
    ['blanks without end', `*filter\n${' '.repeat(1_000_000)}`],
    ['words without end', 'mtu 1 '.repeat(100_000)],
  ])('%s is answered at once', (_, dump) => {
    const start = performance.now()
    parseIptablesSave(dump, { file: 'x', family: 'ipv4', backend: 'legacy' })
    parseIpvsadm(dump, { file: 'x' })
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

describe('what is accepted prints as something that prints the same', () => {
  const address = fc.constantFrom('10.0.0.0/8', '10.1.2.3', '0.0.0.0/0', '192.168.1.0/255.255.255.0')
  const not = fc.constantFrom('', '! ')
  const word = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' })
  const quoted = word.map(w => `"${w.replace(/["\\]/g, '\\$&')}"`)
  const option = fc.oneof(
    fc.tuple(not, fc.constantFrom('-s', '-d'), address).map(p => `${p[0]}${p[1]} ${p[2]}`),
    fc.tuple(not, fc.constantFrom('eth0', 'cali+')).map(([n, dev]) => `${n}-i ${dev}`),
    quoted.map(w => `-m comment --comment ${w}`),
    quoted.map(w => `-m nobody --knows ${w}`),
    fc.constantFrom(
      '-p tcp -m tcp --dport 80',
      '-m conntrack --ctstate NEW,ESTABLISHED',
      '-m mark ! --mark 0x1/0x1',
    ),
  )
  const rule = fc
    .tuple(fc.array(option, { maxLength: 4 }), fc.constantFrom('', '-j ACCEPT', '-j X', '-g X', '-j RETURN'))
    .map(([options, jump]) => `-A FORWARD ${options.join(' ')} ${jump}`)

  test('rules', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), rules => {
        const read = (dump: string) =>
          parseIptablesSave(dump, { file: 'x', family: 'ipv4', backend: 'legacy' })
        const once = printRuleset(read(`*filter\n:X - [0:0]\n${rules.join('\n')}\nCOMMIT\n`).ruleset)
        const again = read(once)
        expect(again.problems.filter(p => p.severity === 'error')).toEqual([])
        expect(printRuleset(again.ruleset)).toBe(once)
      }),
      { numRuns: 2000, examples: [[[`-A FORWARD -m nobody --knows "-4" `]]] },
    )
  })

  test('virtual services', () => {
    const server = fc
      .tuple(
        fc.integer({ min: 1, max: 250 }),
        fc.constantFrom('Masq', 'Route', 'Tunnel', 'Local'),
        fc.nat(65535),
      )
      .map(([n, method, weight]) => `  -> 10.0.0.${n}:80 ${method} ${weight} 0 ${n}`)
    const flags = fc.constantFrom(
      '',
      ' (sh-port)',
      ' persistent 60',
      ' persistent 60 mask 255.255.0.0 pe sip',
      ' ops',
    )
    const service = fc
      .tuple(
        fc.nat(65535),
        fc.constantFrom('rr', 'sh', 'wlc'),
        flags,
        fc.uniqueArray(server, { selector: s => s.split(' ')[3], maxLength: 4 }),
      )
      .map(([port, scheduler, more, servers]) =>
        [`TCP  10.96.0.1:${port} ${scheduler}${more}`, ...servers].join('\n'),
      )
    fc.assert(
      fc.property(fc.uniqueArray(service, { selector: s => s.split(' ')[2], maxLength: 4 }), services => {
        const first = parseIpvsadm(services.join('\n'), { file: 'x' })
        expect(first.problems).toEqual([])
        const once = printIpvsList(first.ipvs)
        expect(printIpvsList(parseIpvsadm(once, { file: 'x' }).ipvs)).toBe(once)
      }),
      { numRuns: 500 },
    )
  })
})
