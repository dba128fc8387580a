import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, expect, test } from 'vitest'
import { cli } from './run-cli.js'

const dir = mkdtempSync(join(tmpdir(), 'nfsim-why-'))
afterAll(() => rmSync(dir, { recursive: true }))
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}
const ASK = ['trace', '--scenario', '2', '--src', 'pod', '--dst', 'svc'] as const
const schema = JSON.parse(
  readFileSync(new URL('../../src/render/trace.schema.json', import.meta.url), 'utf8'),
)
const valid = new Ajv2020({ allowUnionTypes: true, strict: false }).compile(schema)

test('trace says why, where, how to see it, and what mends it', async () => {
  const { code, out } = await cli(...ASK, '--zoom', 'minimal')
  expect(code).toBe(1)
  for (const words of ['reply-bypasses-conntrack', 'n1/sysctl.txt', 'modprobe br_netfilter', 'it works'])
    expect(out).toContain(words)
})

test('--apply: both outcomes, and where they part', async () => {
  const { code, out } = await cli(
    ...ASK,
    '--apply',
    file('edits.txt', '# after the reboot\nn1: modprobe br_netfilter\n'),
  )
  expect(code).toBe(0)
  expect(out).toMatch(/before +timeout/)
  expect(out).toMatch(/after +ok/)
  expect(out).toContain('they part')
})

test('--without: one rule less', async () => {
  const { out } = await cli(
    'trace',
    '--scenario',
    '2',
    '--src',
    'pod',
    '--dst',
    'dashboard',
    '--without',
    'n1:filter:KUBE-SERVICES:1',
  )
  expect(out).toMatch(/before +refused/)
  expect(out).toContain('iptables -t filter -D KUBE-SERVICES')
})

test('--fix: every cure is tried, and one that harms nobody comes first', async () => {
  const { code, out } = await cli(...ASK, '--fix', '--zoom', 'minimal')
  expect(code).toBe(1)
  expect(out).toContain('cure 1: load br_netfilter on n1, and hairpin mode on')
  expect(out).toContain('none gets worse')
})

test('--explain: red herrings are said to be innocent', async () => {
  const { out } = await cli(...ASK, '--zoom', 'minimal', '--explain', 'n1:filter:KUBE-FORWARD:1')
  expect(out).toContain('made by kube-proxy')
  expect(out).toMatch(/innocent +it is asked about packet/)
})

test('the JSON of all of these fits the schema', async () => {
  const { out } = await cli(
    ...ASK,
    '--fix',
    '--explain',
    'n1:filter:KUBE-FORWARD:1',
    '--set',
    'n1:net.ipv4.ip_forward=1',
    '--format',
    'json',
  )
  const data = JSON.parse(out)
  expect(valid(data), JSON.stringify(valid.errors)).toBe(true)
  expect(data.cures.length).toBeGreaterThan(0)
  expect(data.whatIf.before.outcome).toBe('timeout')
  expect(data.explanations[0].part).toBe('tried')
})

test.each([
  [['--apply', '/does/not/exist'], 3, 'there is no such file'],
  [['--without', 'filter:NOWHERE:1'], 2, 'there is no rule 1 in chain NOWHERE'],
  [['--set', 'nonsense'], 2, '--set'],
  [['--explain', 'x:y'], 3, 'no rule is called so'],
])('%j', async (more, exit, words) => {
  const { code, err } = await cli(...ASK, ...more)
  expect(err).toContain(words)
  expect(code).toBe(exit)
})

test('a mistake in a file is told with its place', async () => {
  const { code, err } = await cli(
    ...ASK,
    '--apply',
    file('bad.txt', 'sysctl -w net.ipv4.ip_forward=1\niptables -A FORWARD -j NOWHERE\n'),
  )
  expect(code).toBe(3)
  expect(err).toMatch(/bad\.txt:2:\d+: /)
})

test('lint: text, JSON, SARIF, and the page of a check', async () => {
  const text = await cli('lint', '--scenario', '2')
  expect(text.code).toBe(1)
  expect(text.out).toContain('[node-settings]')
  expect(JSON.parse((await cli('lint', '--scenario', '2', '--format', 'json')).out)[0].id).toBe(
    'node-settings',
  )
  expect(
    JSON.parse((await cli('lint', '--scenario', '2', '--format', 'sarif')).out).runs[0].results[0].ruleId,
  ).toBe('node-settings')
  expect((await cli('lint', '--explain', 'cidr-overlap')).out).toContain('cluster CIDR')
  expect((await cli('lint', '--explain', 'cidr-overlop')).err).toContain('did you mean cidr-overlap')
})
