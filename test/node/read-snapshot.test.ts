import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from 'tar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSnapshotFiles } from '../../src/node/read-snapshot.js'
import { InputError } from '../../src/parse/problems.js'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'nfsim-'))
  mkdirSync(join(dir, 'snap/n1/netns/p'), { recursive: true })
  writeFileSync(join(dir, 'snap/snapshot.yaml'), 'title: x\n')
  writeFileSync(join(dir, 'snap/README.md'), 'not read')
  writeFileSync(join(dir, 'snap/n1/ss.txt'), 'a')
  writeFileSync(join(dir, 'snap/n1/netns/p/ip-addr.json'), '[]')
  mkdirSync(join(dir, 'empty'))
  mkdirSync(join(dir, 'binary'))
  writeFileSync(join(dir, 'binary/ss.txt'), 'a\0b')
})
afterAll(() => rmSync(dir, { recursive: true }))

const NAMES = ['n1/netns/p/ip-addr.json', 'n1/ss.txt', 'snapshot.yaml']

test('a folder', async () => {
  const files = await readSnapshotFiles(join(dir, 'snap'))
  expect([...files.keys()].sort()).toEqual(NAMES)
  expect(files.get('n1/ss.txt')).toBe('a')
})
test.each([true, false])('an archive of the folder (gzip: %s), or of what is in it', async gzip => {
  const file = join(dir, `s${gzip}.tar.gz`)
  await create({ gzip, file, cwd: dir }, ['snap'])
  expect([...(await readSnapshotFiles(file)).keys()].sort()).toEqual(NAMES)
  await create({ gzip, file, cwd: join(dir, 'snap') }, ['.'])
  expect([...(await readSnapshotFiles(file)).keys()].sort()).toEqual(NAMES)
})
test('an archive of one node keeps its name', async () => {
  const file = join(dir, 'node.tar.gz')
  await create({ gzip: true, file, cwd: join(dir, 'snap') }, ['n1'])
  expect([...(await readSnapshotFiles(file)).keys()].sort()).toEqual(NAMES.slice(0, 2))
})
test.each([
  ['nowhere', 'no such'],
  ['empty', 'not a snapshot'],
  ['binary', 'binary'],
  ['snap/n1/ss.txt', 'not a'],
])('%s: a clear error', async (name, says) => {
  const error = await readSnapshotFiles(join(dir, name)).catch(e => e)
  expect(error).toBeInstanceOf(InputError)
  expect(error.problems[0].message).toContain(says)
})
test('a cut-off archive', async () => {
  const file = join(dir, 'cut.tar.gz')
  await create({ gzip: true, file, cwd: dir }, ['snap'])
  const { readFileSync } = await import('node:fs')
  writeFileSync(file, readFileSync(file).subarray(0, 60))
  await expect(readSnapshotFiles(file)).rejects.toBeInstanceOf(InputError)
})
