import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cli } from './run-cli.js'

const dir = mkdtempSync(join(tmpdir(), 'nfsim-sends-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
let files = 0

/** Asks a pod's own node with one rule in a chain; gives the exit code and the outcome. */
async function ask(rule: string, ...more: string[]) {
  const file = join(dir, `${files++}.txt`)
  writeFileSync(
    file,
    `*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n${rule}\nCOMMIT\n`,
  )
  const argv = [
    'trace',
    '--iptables',
    file,
    '--node-address',
    '192.168.50.10/24',
    '--dst',
    'client',
    '--dport',
    '80',
  ]
  const { code, out, err } = await cli(...argv, '--src', 'node', '--format', 'json', ...more)
  return { code, err, outcome: out === '' ? undefined : (JSON.parse(out).outcome as string) }
}
const drop = (match: string) => `-A OUTPUT ${match} -j DROP`

test.each([
  ['-m owner --uid-owner 1000', ['--uid', '1000'], ['--uid', '0']],
  ['-m owner --gid-owner 5', ['--gid', '5'], ['--gid', '6']],
  ['-m mark --mark 0x10', ['--mark', '0x10'], ['--mark', '17']],
  ['-m dscp --dscp 0x2e', ['--dscp', 'ef'], ['--dscp', '0']],
  ['-m dscp --dscp-class AF42', ['--dscp', 'AF42'], ['--dscp', 'CS4']],
  ['-p tcp -m tcp --tcp-flags ALL SYN,URG', ['--tcp-flags', 'SYN,URG'], []],
  ['-m time --weekdays Fri', ['--now', '2026-11-20T13:00'], ['--now', '2026-11-21']],
  ['-m string --string "GET /x" --algo bm', ['--payload', 'GET /x'], ['--payload', 'GET /y']],
  ['-m string --hex-string "|00ff|" --algo bm', ['--payload', '0x00ff'], ['--payload', '0xff00']],
  ['-m length --length 1000', ['--length', '1000'], ['--length', '999']],
])('%s', async (match, fits, other) => {
  // a client that cannot even send hears of it at once, or waits in vain
  expect((await ask(drop(match), ...fits)).outcome).not.toBe('ok')
  expect((await ask(drop(match), ...other)).outcome).toBe('ok')
})

test('what is not told stays unknown', async () => {
  expect(await ask(drop('-m owner --uid-owner 1000'))).toMatchObject({ code: 4, outcome: 'unknown' })
  expect(await ask(drop('-m time --weekdays Fri'))).toMatchObject({ code: 4, outcome: 'unknown' })
})

test.each([
  ['--uid', 'root'],
  ['--mark', '0x1ffffffff'],
  ['--dscp', '64'],
  ['--dscp', 'AF55'],
  ['--tcp-flags', 'SIN'],
  ['--now', 'yesterday'],
  ['--now', '2026-13-40'],
  ['--payload', ''],
  ['--length', '-1'],
])('%s %s is a mistake', async (flag, value) => {
  const { code, err } = await ask(drop('-m mark --mark 1'), flag, value)
  expect(code).toBe(2)
  expect(err).toContain(flag)
})
