import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { trace } from '../../src/talk/trace.js'
import { cli, cliWith } from '../cli/run-cli.js'

const dir = mkdtempSync(join(tmpdir(), 'nfsim-hostile-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const ADDR =
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n'
const ask = (rules: string) =>
  trace(
    loadSnapshot(
      new Map([
        ['n/ip-addr.txt', ADDR],
        ['n/iptables-save.txt', rules],
      ]),
    ),
    { src: 'n', dst: '127.0.0.1', dport: 80 },
  )
const parse = (text: string) => cliWith({ stdin: text }, 'parse', '-', '--kind', 'iptables-save')
const filter = (...lines: string[]) => `*filter\n${lines.join('\n')}\nCOMMIT\n`
const within = async (seconds: number, act: () => unknown) => {
  const start = performance.now()
  await act()
  expect(performance.now() - start).toBeLessThan(seconds * 1000)
}

describe('size', () => {
  test('a file of a gibibyte is refused by its size, before it is read', async () => {
    const path = join(dir, 'gib')
    const fd = openSync(path, 'w')
    writeSync(fd, '*filter\n-A INPUT ')
    ftruncateSync(fd, 1 << 30)
    closeSync(fd)
    await within(5, async () => {
      const { code, err } = await cli('parse', path)
      expect([code, err]).toEqual([3, expect.stringContaining('512 MiB')])
      expect((await cli('trace', '--iptables', path, '--src', 'pod', '--dst', '10.96.0.1:80')).code).toBe(3)
    })
  })

  test('input without end is left as soon as it is too much', async () => {
    const mebibyte = Buffer.alloc(1 << 20, 'x')
    let given = 0
    function* endless() {
      for (; ; given++) yield mebibyte
    }
    const { code, err } = await cliWith({ stdin: endless() }, 'parse', '-')
    expect([code, err]).toEqual([3, expect.stringContaining('<stdin>: more than 512 MiB')])
    // a stream reads some ahead
    expect(given).toBeLessThan(512 + 32)
    expect((await cli('parse', '/dev/zero')).err).toContain('512 MiB')
  }, 30_000)

  test('a line of forty megabytes', () =>
    within(20, async () => {
      const { code, err } = await parse(filter(`-A INPUT -m comment --comment ${'x'.repeat(40_000_000)}`))
      expect(code).toBe(3)
      expect(err.length).toBeLessThan(2000)
      expect(err).toContain('<stdin>:2:')
    }))

  test('a million chains', { timeout: 120_000 }, () =>
    within(60, async () => {
      const chains = Array.from({ length: 1_000_000 }, (_, i) => `:C${i} - [0:0]`)
      const { code, out } = await cliWith(
        { stdin: filter(chains.join('\n'), '-A C999999 -j ACCEPT') },
        'parse',
        '-',
        '--kind',
        'iptables-save',
      )
      expect(code).toBe(0)
      expect(out.length).toBeGreaterThan(10_000_000)
    }),
  )

  test('a hundred thousand bad lines are told up to a point', () =>
    within(20, async () => {
      const { code, err } = await parse(filter(...Array<string>(100_000).fill('-A INPUT --what')))
      expect(code).toBe(3)
      expect(err).toContain('too many errors')
      expect(err.length).toBeLessThan(1_000_000)
    }))
})

describe('jumps', () => {
  test('a loop ends, and is named', () => {
    const talk = ask(filter(':A - [0:0]', ':B - [0:0]', '-A INPUT -j A', '-A A -j B', '-A B -j A'))
    expect([talk.outcome, talk.because]).toEqual(['unknown', expect.stringContaining('loop')])
  })
  test('a chain that goes to itself ends as well', () => {
    const talk = ask(filter(':A - [0:0]', '-A INPUT -j A', '-A A -g A'))
    expect([talk.outcome, talk.because]).toEqual(['unknown', expect.stringContaining('loop')])
  })
  test('deep jumps are walked; deeper ones than any rule set has are not', () => {
    const depth = (n: number) =>
      ask(
        filter(
          ...Array.from({ length: n }, (_, i) => `:C${i} - [0:0]`),
          '-A INPUT -j C0',
          ...Array.from({ length: n - 1 }, (_, i) => `-A C${i} -j C${i + 1}`),
          `-A C${n - 1} -j DROP`,
        ),
      ).outcome
    expect(depth(300)).toBe('timeout')
    expect(depth(20_000)).toBe('unknown')
  })
  test('hundreds of thousands of rules in a chain', { timeout: 120_000 }, () =>
    within(60, () => {
      const talk = ask(
        filter(':A - [0:0]', '-A A -s 10.0.0.0/8 -j RETURN\n'.repeat(300_000).trimEnd(), '-A INPUT -j A'),
      )
      expect(talk.outcome).toBe('ok')
    }),
  )
})

describe('bytes and names', () => {
  test('NUL bytes and broken UTF-8 are told at their place, not shown', async () => {
    const path = join(dir, 'bytes')
    writeFileSync(
      path,
      Buffer.concat([
        Buffer.from('*filter\n-A INPUT -i e\0th -j ACCEPT\n-A INPUT -m comment --comment "'),
        Buffer.from([0xff, 0xfe, 0xc3]),
        Buffer.from('" -j ACCEPT\nCOMMIT\n'),
      ]),
    )
    const { code, err, out } = await cli('parse', path, '--kind', 'iptables-save')
    expect([code, out]).toEqual([3, ''])
    expect(err).toContain(':2:')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/)
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'])(
    'a chain %s',
    async name => {
      const dump = filter(`:${name} - [0:0]`, `-A INPUT -j ${name}`, `-A ${name} -p tcp -j DROP`)
      const { code, out } = await parse(dump)
      expect(code).toBe(0)
      expect(out).toContain(`-A ${name} -p tcp -j DROP`)
      expect(ask(dump).outcome).toBe('timeout')
      for (const rule of [
        `-j ${name}`,
        `-m ${name}`,
        `-m comment --${name} x`,
        `-p ${name}`,
        `-m icmp --icmp-type ${name}`,
      ])
        expect((await parse(filter(`-A INPUT ${rule} -j ACCEPT`))).code, rule).not.toBe(70)
      expect((await parse(`*${name}\n-A INPUT -j ACCEPT\nCOMMIT\n`)).code).toBe(3)
      const sets = `create ${name} hash:ip\nadd ${name} 1.1.1.1 ${name} x\n`
      expect((await cliWith({ stdin: sets }, 'parse', '-', '--kind', 'ipset')).code).toBe(3)
      const sysctl = `${name}.${name} = 1\n${name} = 2\n`
      expect(
        (await cliWith({ stdin: sysctl }, 'parse', '-', '--kind', 'sysctl', '--format', 'json')).code,
      ).toBe(0)
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    },
  )

  test('control characters of a comment are escaped wherever they are shown', async () => {
    const evil = 'x\u001b[31mred\u0007\u202e\u0085y'
    const rule = `-A INPUT -p tcp -m comment --comment "${evil}" -j DROP`
    const path = join(dir, 'evil')
    writeFileSync(path, filter(':INPUT ACCEPT [0:0]', rule, `-A INPUT -m comment --comment "${evil}" --nope`))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/
    const bad = await cli('parse', path, '--kind', 'iptables-save')
    expect(bad.code).toBe(3)
    expect(bad.err).not.toMatch(raw)
    const argv = ['trace', '--iptables', path, '--src', '10.244.0.5', '--dst', 'node', '--dport', '80']
    for (const format of ['text', 'json', 'xtables', 'conntrack', 'tcpdump']) {
      const { out, err } = await cli(...argv, '--lenient', '--format', format)
      expect(err, format).not.toMatch(raw)
      // in JSON a string escapes C0 itself; what a terminal must not see stays out of text
      if (format !== 'json') expect(out, format).not.toMatch(raw)
    }
  })
})
