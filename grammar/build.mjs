// Makes parsers of the grammars: `node grammar/build.mjs`. With --copy, brings what the compiler leaves behind
// into dist/ (generated parsers, the JSON schema, the shell script, the lab's Python) and makes the program executable.
import { chmod, copyFile, cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import peggy from 'peggy'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..')
const generated = join(root, 'src/parse/generated')

const GRAMMARS = ['iptables-save', 'ipvsadm']

const DECLARATION = `export interface Location {
  readonly offset: number
  readonly line: number
  readonly column: number
}
export declare class SyntaxError extends globalThis.SyntaxError {
  readonly expected: readonly { readonly type: string; readonly description?: string; readonly text?: string }[] | null
  readonly found: string | null
  readonly location: { readonly start: Location; readonly end: Location }
}
export declare const StartRules: readonly string[]
/** @throws SyntaxError */
export declare function parse(input: string, options?: Readonly<Record<string, unknown>>): unknown
`

async function source(file) {
  return { source: file, text: await readFile(join(here, file), 'utf8') }
}

async function build() {
  await mkdir(generated, { recursive: true })
  const lexemes = await source('lexemes.peggy')
  for (const name of GRAMMARS) {
    const code = peggy.generate([await source(`${name}.peggy`), lexemes], {
      output: 'source',
      format: 'es',
      allowedStartRules: ['Chunk', 'Line'],
    })
    await writeFile(join(generated, `${name}.js`), tuned(code))
    await writeFile(join(generated, `${name}.d.ts`), DECLARATION)
  }
}

/**
 * What Peggy makes is made for all grammars; ours allow for less, and a cluster's dump has fifty million characters.
 * A repeated class such as `$[a-z]+` collects its characters one by one in an array, although only the text between
 * is wanted (we have `$` on every one), and asks a regular expression with a string made of each. Here nothing is
 * collected, and a table by the character's number answers the same for ASCII.
 */
function tuned(code) {
  const loop =
    /\w+\.push\((\w+)\);(\s*)\1 = input\.charAt\(peg\$currPos\);(\s*)if \((peg\$r\d+)\.test\(\1\)\)/g
  const asked =
    '$2$1 = input.charCodeAt(peg$$currPos);' +
    '$3if ($1 < 128 ? $4ascii[$1] : $4.test(input.charAt(peg$$currPos)))'
  const classes = /const (peg\$r\d+) = (.*);/g
  const tables = 'const $1 = $2;\n  const $1ascii = peg$$asciiTable($1);'
  return code.replace(loop, asked).replace(classes, tables).concat(ASCII_TABLE)
}

const ASCII_TABLE = `
const peg$asciiTables = new Map();
function peg$asciiTable(characters) {
  let table = peg$asciiTables.get(characters.source);
  if (!table) {
    table = Array.from({ length: 128 }, (_, c) => characters.test(String.fromCharCode(c)));
    peg$asciiTables.set(characters.source, table);
  }
  return table;
}
`

async function copy() {
  const target = join(root, 'dist/parse/generated')
  await mkdir(target, { recursive: true })
  for (const file of await readdir(generated)) await copyFile(join(generated, file), join(target, file))
  await ifPresent(() =>
    copyFile(join(root, 'src/render/trace.schema.json'), join(root, 'dist/render/trace.schema.json')),
  )
  await cp(join(root, 'src/collect/collect.sh'), join(root, 'dist/collect/collect.sh'))
  await cp(join(root, 'src/lab/agent-program'), join(root, 'dist/lab/agent-program'), { recursive: true })
  await ifPresent(() => chmod(join(root, 'dist/cli.js'), 0o755))
}

async function ifPresent(act) {
  try {
    await act()
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

await (process.argv.includes('--copy') ? copy() : build())
