import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
const dir = mkdtempSync(join(tmpdir(), 'nfsim-pack-'))
// npm hands its own settings down to the programs it starts; the stranger's folder has none
const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('npm_')))

beforeAll(async () => {
  // npm test has built dist/; the scripts would only build it again
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
    cwd: root,
    env,
  })
  const tarball = join(dir, JSON.parse(packed.stdout)[0].filename)
  writeFileSync(join(dir, 'package.json'), '{"name":"stranger","private":true,"type":"module"}')
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: dir, env })
}, 300_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('the installed program answers from the default scenario', async () => {
  const done = await run(
    'npx',
    ['--no', 'nfsim', 'trace', '--src', 'pod', '--dst', 'svc', '--format', 'json'],
    {
      cwd: dir,
      env,
    },
  ).catch(error => error)
  expect(done.code).toBe(1)
  expect(JSON.parse(done.stdout).outcome).toBe('timeout')
})

test('the library, the browser entry and the schema can be imported', async () => {
  const code = `
    import { loadSnapshot, trace } from 'nfsim'
    import * as browser from 'nfsim/browser'
    import schema from 'nfsim/schema/trace.json' with { type: 'json' }
    console.log(typeof loadSnapshot, typeof trace, typeof browser.trace, typeof schema.$defs)`
  writeFileSync(join(dir, 'use.mjs'), code)
  const { stdout } = await run('node', ['use.mjs'], { cwd: dir, env })
  expect(stdout).toBe('function function function object\n')
})

test("the lab's agent is complete: one Python program, from its imports to its end", async () => {
  const code = `
    import { agentProgram } from './node_modules/nfsim/dist/lab/agent-program.js'
    process.stdout.write(agentProgram())`
  writeFileSync(join(dir, 'agent.mjs'), code)
  const { stdout } = await run('node', ['agent.mjs'], { cwd: dir, env })
  const ops = stdout.match(/^def op_\w+/gm)?.map(line => line.slice('def op_'.length))
  const named = [...stdout.matchAll(/'(\w+)': op_\w+/g)].map(([, name]) => name)
  expect(ops?.sort()).toEqual(named.sort())
})

test('types, licence and scenarios are in the package, tests are not', () => {
  const inside = (path: string) => existsSync(join(dir, 'node_modules/nfsim', path))
  for (const path of [
    'LICENSE',
    'README.md',
    'dist/index.d.ts',
    'scenarios/02-same-node-fails/snapshot.yaml',
  ])
    expect(inside(path), path).toBe(true)
  expect(inside('test')).toBe(false)
  expect(inside('src')).toBe(false)
  expect(readFileSync(join(dir, 'node_modules/nfsim/dist/cli.js'), 'utf8')).toMatch(
    /^#!\/usr\/bin\/env node\n/,
  )
})
