import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { cli } from './run-cli.js'

const dir = mkdtempSync(join(tmpdir(), 'nfsim-lenient-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const file = join(dir, 'rules.txt')
writeFileSync(
  file,
  `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination
-A PREROUTING -d 10.96.0.11/32 -j GONE
-A PREROUTING -d 10.96.0.12/32 -m comment --comment "unclosed
-A PREROUTING -d 10.96.0.13/32 -m mark --mark zero -j ACCEPT
COMMIT
*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -d 10.96.0.15/32 -p tcp -m tcp --bogus 1 -j DROP
-A FORWARD -d 10.96.0.14/32 -j DROP
COMMIT
`,
)
const ask = async (dst: string, ...more: string[]) => {
  const argv = ['trace', '--iptables', file, '--src', '10.244.0.5', '--dst', dst, '--dport', '80']
  const { code, out, err } = await cli(...argv, '--format', 'json', ...more)
  return { code, err, talk: out === '' ? undefined : JSON.parse(out) }
}

test('a bad line stops a trace, and all of them are told', async () => {
  const { code, talk, err } = await ask('10.96.0.10')
  expect([code, talk]).toEqual([3, undefined])
  expect(JSON.parse(err).error.problems.map((p: { line: number }) => p.line)).toEqual([3, 4, 5, 6, 10])
})

describe('--lenient: a bad rule is unknown', () => {
  test.each([
    ['10.96.0.10', 'a target without what it needs'],
    ['10.96.0.11', 'a chain that is gone'],
    ['10.96.0.12', 'a line that ends in the middle of a quote'],
    ['10.96.0.15', 'an option that nobody knows'],
  ])('%s: %s', async dst => {
    const { code, talk } = await ask(dst, '--lenient')
    expect([code, talk.outcome]).toEqual([4, 'unknown'])
  })

  test('what plainly does not match it is not disturbed by it', async () => {
    const { talk } = await ask('10.96.0.14', '--lenient')
    expect(talk.outcome).toBe('timeout')
    const rules = talk.packets[0].events.filter((e: { kind: string }) => e.kind === 'rule')
    // the unread rule before it has kept its number
    expect(rules.at(-1)).toMatchObject({ chain: 'FORWARD', number: 2, verdict: 'DROP' })
  })

  test('each is an assumption of every answer, by its place', async () => {
    const { talk, err } = await ask('10.96.0.14', '--lenient')
    for (const line of [3, 4, 5, 6, 10])
      expect(talk.assumptions.join('\n')).toContain(`rules.txt:${line} could not be read`)
    expect(err).toContain('rules.txt:5:')
  })
})
