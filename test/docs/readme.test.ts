import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
const READMES = ['README.md']

interface Block {
  readonly title: string
  readonly lang: string
  readonly text: string
}

/** Fenced blocks of a document, with the line that each begins at. */
function blocksOf(file: string): Block[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(m => ({
    title: `${file}:${text.slice(0, m.index).split('\n').length}`,
    lang: m[1]!,
    text: m[2]!,
  }))
}
const blocks = READMES.flatMap(blocksOf)
const ofKind = (...langs: string[]) =>
  blocks.filter(({ lang }) => langs.includes(lang)).map(block => [block.title, block] as const)

/** `npm ci` has been run, or no test would run; `npm test` is what runs this. */
const FULFILLED = /^npm (ci|test)\b/

const cli = join(root, 'dist/cli.js')
async function shell(command: string): Promise<string> {
  const ours = command.replace(/(^|[|&;] *)(npx )?nfsim /g, `$1node ${cli} `)
  // broken conversations exit with 1: that is an answer, not a failure
  const done = await run('bash', ['-c', ours], {
    cwd: root,
    env: { ...process.env, COLUMNS: '100', NO_COLOR: '1' },
  }).catch((error: { code: number; stdout: string; stderr: string }) => {
    if (error.code !== 1) throw new Error(`${command}: exit ${error.code}: ${error.stderr}`)
    return error
  })
  return done.stdout
}

test('the program is built', () => {
  expect(existsSync(cli), 'run npm run build').toBe(true)
})

test.each(ofKind('sh'))('%s: every command runs', async (_, { text }) => {
  for (const line of text.split('\n').filter(line => line && !line.startsWith('#')))
    for (const command of line.split(' && ')) if (!FULFILLED.test(command)) await shell(command)
})

test.each(ofKind('console'))('%s: prints what the page says', async (_, { text }) => {
  const [first, ...rest] = text.split('\n')
  const printed = await shell(first!.replace(/^\$ /, ''))
  // an ellipsis alone on its line stands for lines left out
  const parts = rest
    .join('\n')
    .trim()
    .split(/\n *…\n/)
  let from = 0
  for (const part of parts) {
    const at = printed.indexOf(part.replace(/\n *…$/, ''), from)
    expect(at, `not printed:\n${part}\n--- but:\n${printed}`).toBeGreaterThanOrEqual(0)
    from = at + part.length
  }
})

test.each(ofKind('ts', 'js'))('%s: the code runs', async (_, { text }) => {
  const dir = mkdtempSync(join(tmpdir(), 'nfsim-docs-'))
  try {
    symlinkSync(root, join(dir, 'nfsim'), 'dir')
    const modules = join(dir, 'node_modules')
    await run('mkdir', [modules])
    symlinkSync(root, join(modules, 'nfsim'), 'dir')
    symlinkSync(join(root, 'scenarios'), join(dir, 'scenarios'), 'dir')
    writeFileSync(join(dir, 'example.mjs'), text)
    await run('node', ['--preserve-symlinks-main', 'example.mjs'], { cwd: dir })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
