import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { cli } from './run-cli.js'

const dir = mkdtempSync(join(tmpdir(), 'nfsim-cli-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const file = (name: string, content: string | Uint8Array) => {
  const path = join(dir, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}
const scenario = new URL('../../scenarios/02-same-node-fails/', import.meta.url).pathname
const ASK = ['trace', '--src', 'pod', '--dst', 'svc'] as const

/** Each wrong command line: how it ends, and what it must say. */
const WRONG: readonly (readonly [string, number, readonly string[], RegExp])[] = [
  ['no command', 2, [], /Usage: nfsim/],
  ['unknown command', 2, ['trase'], /unknown command 'trase'\n\(Did you mean trace\?\)/],
  ['unknown option', 2, [...ASK, '--formt', 'json'], /unknown option '--formt'\n\(Did you mean --format\?\)/],
  ['option without its word', 2, ['trace', '--src'], /argument missing/],
  ['too many words', 2, [...ASK, 'more'], /too many arguments/],
  [
    'unknown format',
    2,
    [...ASK, '--format', 'jsn'],
    /--format jsn: expected one of text, json.*did you mean json/,
  ],
  ['unknown zoom', 2, [...ASK, '--zoom', 'fulll'], /--zoom fulll: .*did you mean full/],
  ['unknown protocol', 2, [...ASK, '--proto', 'tpc'], /--proto tpc: .*did you mean tcp/],
  ['bad port', 2, [...ASK, '--dport', '65536'], /--dport 65536: a port is a number/],
  ['port that is a name', 2, [...ASK, '--sport', 'http'], /--sport http/],
  ['bad choice', 2, [...ASK, '--choose', '1,x'], /--choose 1,x: expected numbers/],
  ['bad retries', 2, [...ASK, '--retries', '-1'], /--retries/],
  ['no question', 2, ['trace', '--src', 'pod'], /--src and --dst are needed/],
  ['both questions', 2, [...ASK, '--flows', 'x'], /cannot be given together/],
  ['two worlds', 2, [...ASK, '--scenario', '02', '--snapshot', 'x'], /exclude each other/],
  ['a lone flag', 2, [...ASK, '--pod-cidr', '10.0.0.0/8'], /--pod-cidr goes with a lone dump/],
  [
    'unknown scenario',
    2,
    [...ASK, '--scenario', '02-same-node-fail'],
    /no scenario .*did you mean 02-same-node-fails/,
  ],
  ['unknown source', 2, ['trace', '--src', 'podd', '--dst', 'svc'], /podd; did you mean .*pod/],
  ['unknown destination', 2, ['trace', '--src', 'pod', '--dst', 'svcc'], /svcc; did you mean .*svc/],
  ['a name of every object', 2, ['trace', '--src', '__proto__', '--dst', 'constructor'], /__proto__/],
  ['bad sysctl', 2, [...ASK, '--set', 'nothing'], /nothing/],
  ['sysctl of a stranger', 2, [...ASK, '--set', 'n9:net.ipv4.ip_forward=1'], /n9/],
  ['no such snapshot', 3, [...ASK, '--snapshot', '/nowhere/at/all'], /\/nowhere\/at\/all/],
  ['a file as snapshot', 3, [...ASK, '--snapshot', file('plain.txt', 'hello')], /plain\.txt/],
  ['an empty folder', 3, [...ASK, '--snapshot', join(file('empty/x', ''), '..')], /empty/],
  ['no such flows', 3, ['trace', '--flows', '/nowhere.json'], /\/nowhere\.json: there is no such file/],
  ['flows that are a folder', 3, ['trace', '--flows', dir], /it is a folder/],
  ['flows that are no JSON', 3, ['trace', '--flows', file('f1.json', '[{')], /f1\.json: not JSON/],
  ['flows that are no list', 3, ['trace', '--flows', file('f2.json', '{}')], /expected a JSON array/],
  ['a flow without source', 3, ['trace', '--flows', file('f3.json', '[{"dst":"svc"}]')], /flow 0: "src"/],
  [
    'a flow with a bad port',
    3,
    ['trace', '--flows', file('f4.json', '[{"src":"pod","dst":"svc"},{"src":"a","dst":"b","dport":1.5}]')],
    /flow 1: "dport"/,
  ],
  [
    'a flow of a stranger',
    2,
    ['trace', '--flows', file('f5.json', '[{"src":"pod","dst":"svc"},{"src":"podd","dst":"svc"}]')],
    /f5\.json: flow 1: .*podd; did you mean pod/,
  ],
  ['no such dump', 3, ['parse', '/nowhere.txt'], /there is no such file/],
  ['unknown extension', 2, ['extensions', 'conntrak'], /no extension conntrak.*conntrack/s],
  ['unknown scenario to check', 2, ['check', 'nonsense'], /no scenario nonsense/],
]

describe('what is wrong is said, with its exit code, and never as a stack trace', () => {
  test.each(WRONG)('%s: exit %i', async (_, code, argv, says) => {
    const done = await cli(...argv)
    expect(done.err).toMatch(says)
    expect(done.err).not.toMatch(/^\s+at .*:\d+:\d+/m)
    expect(done.err).not.toContain('bug in nfsim')
    expect(done.code).toBe(code)
    expect(done.out).toBe('')
  })

  test.each(WRONG.filter(([, , argv]) => argv[0] === 'trace' && !argv.includes('--format')))(
    '%s, as JSON: exit %i',
    async (_, code, argv) => {
      const done = await cli(...argv, '--format', 'json')
      const told = JSON.parse(done.err)
      expect(told.error.exitCode).toBe(code)
      expect(told.error.code).toMatch(/^[a-zA-Z-]+$/)
      expect(told.error.message).not.toBe('')
      expect(done.code).toBe(code)
    },
  )
})

/** The default scenario with one file of n1 changed. */
const changed = (name: string, path: string, content: (text: string) => string | Uint8Array) => {
  const to = join(dir, name)
  cpSync(scenario, to, { recursive: true })
  const target = join(to, path)
  writeFileSync(target, content(readFileSync(target, 'utf8')))
  return to
}

describe('a damaged dump is named with its place', () => {
  test('a dump cut in the middle of a rule', async () => {
    const cut = changed('cut', 'n1/iptables-save.txt', text => text.slice(0, 9000))
    const done = await cli(...ASK, '--snapshot', cut)
    expect(done.code).toBe(3)
    expect(done.err).toMatch(/n1\/iptables-save\.txt:\d+(:\d+)?: /)
    expect((await cli(...ASK, '--snapshot', cut, '--lenient')).code).not.toBe(70)
  })

  test('a rule with a typing error: line, column, caret', async () => {
    const typo = changed('typo', 'n1/iptables-save.txt', text =>
      text.replace('--ctstate INVALID', '--ctstat INVALID'),
    )
    const done = await cli(...ASK, '--snapshot', typo)
    expect(done.code).toBe(3)
    expect(done.err).toMatch(/iptables-save\.txt:\d+:\d+: .*\n .*--ctstat INVALID.*\n +\^/)
    const json = await cli(...ASK, '--snapshot', typo, '--format', 'json')
    const { problems } = JSON.parse(json.err.split('\n')[0]!).error
    expect(problems[0]).toMatchObject({
      file: expect.stringContaining('iptables-save.txt'),
      line: expect.any(Number),
    })
  })

  test('a binary file', async () => {
    const binary = changed('binary', 'n1/iptables-save.txt', () =>
      Uint8Array.from({ length: 5000 }, (_, i) => (i * 37) % 256),
    )
    const done = await cli(...ASK, '--snapshot', binary)
    expect(done.code).toBe(3)
    expect(done.err).toContain('n1/iptables-save.txt')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal must not get them
    expect(done.err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })

  test('a snapshot.yaml that is no YAML', async () => {
    const broken = changed('yaml', 'snapshot.yaml', text => text.replace('endpoints:', 'endpoints: ['))
    const done = await cli(...ASK, '--snapshot', broken)
    expect(done.code).toBe(3)
    expect(done.err).toMatch(/snapshot\.yaml:\d+/)
  })
})
