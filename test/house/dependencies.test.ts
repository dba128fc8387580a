import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const src = resolve(import.meta.dirname, '../../src')

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

/** All import and re-export lines of a file; `to` is a path below src/ or a package. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm)
  const lazy = text.matchAll(/\bimport\('([^']+)'\)/g)
  const paths = [
    ...[...found].map(m => [m[2]!, m[1] !== undefined] as const),
    ...[...lazy].map(m => [m[1]!, false] as const),
  ]
  return paths.map(([path, typeOnly]) => ({
    from: relative(src, file),
    to: path.startsWith('.') ? relative(src, resolve(dirname(file), path)) : path,
    typeOnly,
  }))
}

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
  .map(entry => join(entry.parentPath, entry.name))
const imports = files.flatMap(importsOf)
const layer = (path: string) => path.split('/')[0]!

/** house.md: what a folder must never import. Types may be shared more widely than code. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  values: [
    'model',
    'parse',
    'skb',
    'xtables',
    'conntrack',
    'nat',
    'netfilter',
    'path',
    'talk',
    'render',
    'cli',
    'snapshot',
  ],
  model: ['parse', 'netfilter', 'path', 'talk', 'render', 'cli', 'snapshot'],
  skb: ['netfilter', 'path', 'talk', 'render', 'cli', 'snapshot', 'parse'],
  parse: ['netfilter', 'path', 'talk', 'render', 'cli'],
  conntrack: ['path', 'talk', 'render', 'cli', 'snapshot'],
  nat: ['path', 'talk', 'render', 'cli', 'snapshot'],
  routing: ['path', 'talk', 'render', 'cli', 'snapshot'],
  bridge: ['path', 'talk', 'render', 'cli', 'snapshot'],
  xtables: ['path', 'talk', 'render', 'cli', 'snapshot'],
  netfilter: ['path', 'talk', 'render', 'cli'],
  path: ['render', 'cli'],
  talk: ['render', 'cli'],
}

test('imports point one way: values, model, skb, parts, netfilter, path, talk, cli', () => {
  const wrong = imports.filter(
    ({ from, to, typeOnly }) =>
      !typeOnly && FORBIDDEN[layer(from)]?.includes(layer(to)) && from.includes('/'),
  )
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('renderers know the answer, not the engine', () => {
  // it words a captured packet, so it must know what a packet is
  const lent = 'render/tcpdump-line.ts'
  const allowed = ['trace', 'talk', 'values', 'render', 'diagnosis']
  const wrong = imports.filter(
    ({ from, to, typeOnly }) =>
      layer(from) === 'render' &&
      from !== lent &&
      !allowed.includes(layer(to)) &&
      !(typeOnly && ['model', 'netfilter'].includes(layer(to))),
  )
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  const code = imports.filter(
    ({ from, to, typeOnly }) => layer(from) === 'render' && layer(to) === 'talk' && !typeOnly,
  )
  expect(code).toEqual([])
})

test('the parts of Node are used in src/node/, the lab and the command line only', () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      to.startsWith('node:') &&
      layer(from) !== 'node' &&
      layer(from) !== 'lab' &&
      layer(from) !== 'cli' &&
      from !== 'cli.ts',
  )
  expect(wrong).toEqual([])
})

test('each package has its place', () => {
  const place: Readonly<Record<string, RegExp>> = {
    commander: /^cli/,
    picocolors: /^cli\//,
    immer: /^(whatif\/|model\/snapshot\.ts|snapshot\/)/,
    yaml: /^(snapshot|parse|node)\//,
  }
  const wrong = imports.filter(({ from, to }) => Object.hasOwn(place, to) && !place[to]!.test(from))
  expect(wrong).toEqual([])
})

test('nothing that the browser loads touches Node', () => {
  const seen = new Set<string>()
  const reach = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    if (!existsSync(join(src, file))) return
    for (const { to } of importsOf(join(src, file))) {
      expect(to, `${file} imports ${to}`).not.toMatch(/^node:|^node\/|^cli\//)
      if (to.endsWith('.js')) reach(to.replace(/\.js$/, '.ts'))
    }
  }
  reach('browser.ts')
  expect(seen.size).toBeGreaterThan(10)
})

test('chance and time come in through the door', () => {
  const wrong = files.filter(file =>
    /\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)/.test(readFileSync(file, 'utf8')),
  )
  expect(wrong.map(file => relative(src, file))).toEqual([])
})
