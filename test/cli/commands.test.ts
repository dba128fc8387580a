import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { textWidth } from '../../src/render/wrap.js'
import { cli, cliWith } from './run-cli.js'

const dir = mkdtempSync(join(tmpdir(), 'nfsim-cli-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const schema = JSON.parse(
  readFileSync(new URL('../../src/render/trace.schema.json', import.meta.url), 'utf8'),
)
const valid = new Ajv2020({ strict: true }).compile(schema)

test('the default scenario answers: broken, and why', async () => {
  const { code, out } = await cli('trace', '--src', 'pod', '--dst', 'svc')
  expect(code).toBe(1)
  expect(out).toMatch(/^TIMES OUT {2}/m)
  expect(out).toContain('KUBE-SVC-SUFJBXTINOUNHVZG')
})

test('what if: with the sysctl set it works, and the server sees the client', async () => {
  const set = ['--set', 'n1:net.bridge.bridge-nf-call-iptables=1']
  const { code, out } = await cli('trace', '--src', 'pod', '--dst', 'svc', ...set)
  expect(code).toBe(0)
  expect(out).toContain('server saw  192.168.0.236')
})

test('a scenario is found by name, number, name without number, and folder', async () => {
  const folder = new URL('../../scenarios/02-same-node-mended', import.meta.url).pathname
  for (const name of ['02-same-node-mended', 'same-node-mended', folder])
    expect((await cli('trace', '--scenario', name, '--src', 'pod', '--dst', 'svc')).code).toBe(0)
})

test('every zoom of JSON fits the schema, and is the same twice', async () => {
  for (const zoom of ['minimal', 'summary', 'full']) {
    const argv = ['trace', '--src', 'other', '--dst', 'svc', '--format', 'json', '--zoom', zoom]
    const first = await cli(...argv)
    expect(valid(JSON.parse(first.out)), JSON.stringify(valid.errors)).toBe(true)
    expect((await cli(...argv)).out).toBe(first.out)
  }
})

test('--flows answers each flow from the same fresh state; the exit code is the worst', async () => {
  const flow = { src: 'other', dst: 'svc', proto: 'tcp', sport: 41000 }
  const file = join(dir, 'flows.json')
  writeFileSync(file, JSON.stringify([flow, { src: 'pod', dst: 'svc' }, flow]))
  const { code, out } = await cli('trace', '--flows', file, '--format', 'json')
  expect(code).toBe(1)
  const answers = JSON.parse(out)
  expect(valid(answers), JSON.stringify(valid.errors)).toBe(true)
  expect(answers.map((answer: { outcome: string }) => answer.outcome)).toEqual(['ok', 'timeout', 'ok'])
  expect(answers[2]).toEqual(answers[0])
  writeFileSync(file, '[]')
  expect(await cli('trace', '--flows', file, '--format', 'json')).toEqual({ code: 0, out: '[]\n', err: '' })
})

test.each([80, 120])('no line of text is wider than %i columns', async columns => {
  for (const zoom of ['minimal', 'summary', 'full']) {
    const { out } = await cliWith({ columns }, 'trace', '--src', 'pod', '--dst', 'config', '--zoom', zoom)
    for (const line of out.split('\n')) expect(textWidth(line), line).toBeLessThanOrEqual(columns)
  }
})

test('colour changes nothing but colour', async () => {
  const argv = ['trace', '--src', 'pod', '--dst', 'svc']
  const painted = await cliWith({ color: true }, ...argv)
  expect(painted.out).toContain('\u001b[')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what colour is made of
  expect(painted.out.replace(/\u001b\[\d+m/g, '')).toBe((await cli(...argv)).out)
})

test('the formats of the real tools', async () => {
  const ask = (format: string, ...more: string[]) =>
    cli('trace', '--src', 'pod', '--dst', 'svc', '--format', format, ...more)
  expect((await ask('conntrack')).out).toMatch(
    /^tcp +6 \d+ SYN_SENT src=192\.168\.0\.236 dst=192\.168\.134\.205 .*\[UNREPLIED\]/m,
  )
  const capture = (await ask('tcpdump', '--capture', 'busybox:eth0')).out
  expect(capture).toMatch(
    /^00:00:00\.\d{6} eth0 {2}Out IP 192\.168\.0\.236\.\d+ > 192\.168\.134\.205\.3306: Flags \[S\]/,
  )
  expect(capture).toMatch(/In {2}IP 192\.168\.0\.233\.3306 > .*Flags \[S\.\]/)
  expect(capture).toMatch(/Out IP 192\.168\.0\.236\.\d+ > 192\.168\.0\.233\.3306: Flags \[R/)
  expect((await ask('xtables')).out).toMatch(/TRACE: 2 [0-9a-f]+ nat:KUBE-SERVICES:rule/)
})

test('--all-branches tries every endpoint; --choose picks one', async () => {
  const { out, code } = await cli(
    'trace',
    '--src',
    'other',
    '--dst',
    'config',
    '--all-branches',
    '--zoom',
    'minimal',
  )
  expect(out).toContain('2 ways that chance can take')
  expect([0, 1]).toContain(code)
  const second = await cli('trace', '--src', 'other', '--dst', 'config', '--choose', '1', '--format', 'json')
  expect(JSON.parse(second.out).choices[0]).toMatchObject({ options: 2, taken: 1 })
})

test('check: every scenario keeps its word', async () => {
  const { code, out } = await cli('check')
  expect(out).not.toContain('FAILS')
  expect(code).toBe(0)
  expect((await cli('check', '--format', 'tap')).out).toMatch(/^TAP version 13\n1\.\.\d+\nok 1 - /)
  expect((await cli('check', '--format', 'junit')).out).toContain('<testsuite name="02-same-node-fails"')
})

test('hooks: the table in order', async () => {
  const { out } = await cli('hooks')
  await expect(out).toMatchFileSnapshot('../golden/hooks.txt')
})

test('extensions: a list, and all about one', async () => {
  expect((await cli('extensions')).out).toMatch(/^ {2}conntrack +\S/m)
  const one = await cli('extensions', 'conntrack')
  expect(one.out).toContain('--ctstate')
  expect(one.out).toContain('xt_conntrack.c')
})

test('--help names every command and fits 80 columns', async () => {
  const { out, code } = await cliWith({ columns: 80 }, '--help')
  expect(code).toBe(0)
  for (const name of ['trace', 'check', 'parse', 'hooks', 'extensions']) expect(out).toContain(name)
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect((await cli('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('the way in one screen, pinned', async () => {
  const { out } = await cliWith(
    { columns: 100 },
    'trace',
    '--src',
    'pod',
    '--dst',
    'svc',
    '--zoom',
    'minimal',
  )
  await expect(out).toMatchFileSnapshot('../../scenarios/02-same-node-fails/expected.minimal.txt')
})
