import type { IpSet, SetEntry } from '../model/ipset.js'
import type { Problem } from '../model/place.js'
import { type Line, lineProblem, linesOf } from './lines.js'
import { record } from '../values/record.js'
import { problemAt } from './problems.js'

export interface SetsRead {
  readonly sets: readonly IpSet[]
  readonly problems: readonly Problem[]
}

type Draft = Omit<IpSet, 'entries'> & { readonly entries: SetEntry[] }

/** Option words of a set or an element that stand alone. */
const FLAGS = new Set([
  'counters',
  'comment',
  'skbinfo',
  'forceadd',
  'nomatch',
  'wildcard',
  'before',
  'after',
])
const ENTRY_FLAGS = new Set(['nomatch', 'wildcard'])
const COMMANDS = new Map([
  ['create', 'create'],
  ['n', 'create'],
  ['-N', 'create'],
  ['add', 'add'],
  ['a', 'add'],
  ['-A', 'add'],
])

/** Reads `ipset save`, and the `create` and `add` lines that `ipset restore` takes besides. */
export function parseIpsetSave(text: string, file: string): SetsRead {
  const sets = new Map<string, Draft>()
  const problems: Problem[] = []
  for (const line of linesOf(text, problems)) {
    if (/^\s*#|^\s*COMMIT\s*$/.test(line.text)) continue
    const words = quotedWords(line, file, problems)
    if (!words) continue
    const [command = '', name, ...rest] = words.filter(w => !/^(-exist|-!|--exist)$/.test(w))
    const kind = COMMANDS.get(command)
    if (kind === undefined)
      problems.push(lineProblem(line, file, 'expected `create SET TYPE …` or `add SET ELEMENT …`'))
    else if (name === undefined || rest[0] === undefined)
      problems.push(
        lineProblem(line, file, `${kind}: ${kind === 'create' ? 'a type' : 'an element'} is missing`),
      )
    else if (kind === 'create') {
      if (sets.has(name)) problems.push(lineProblem(line, file, `the set ${name} was created before`))
      else sets.set(name, created(name, rest[0], rest.slice(1), line.number))
    } else {
      const set = sets.get(name)
      if (set) set.entries.push(added(rest[0], rest.slice(1)))
      else problems.push(lineProblem(line, file, `no set ${name} was created before this line`))
    }
  }
  return { sets: [...sets.values()], problems }
}

/** Type names of ipset 4, which `ipset restore` still takes. */
const OLD_TYPES = new Map([
  ['iphash', 'hash:ip'],
  ['nethash', 'hash:net'],
  ['ipmap', 'bitmap:ip'],
  ['macipmap', 'bitmap:ip,mac'],
  ['portmap', 'bitmap:port'],
  ['ipporthash', 'hash:ip,port'],
  ['ipportiphash', 'hash:ip,port,ip'],
  ['ipportnethash', 'hash:ip,port,net'],
  ['setlist', 'list:set'],
])

function created(name: string, type: string, words: readonly string[], line: number): Draft {
  const options = optionsOf(words, FLAGS)
  return {
    name,
    type: OLD_TYPES.get(type) ?? type,
    family: options.family === 'inet6' || options.family === '-6' ? 'inet6' : 'inet',
    options,
    entries: [],
    line,
  }
}

function added(element: string, words: readonly string[]): SetEntry {
  const options = optionsOf(words, ENTRY_FLAGS)
  return { element, nomatch: Object.hasOwn(options, 'nomatch'), options }
}

function optionsOf(words: readonly string[], flags: ReadonlySet<string>): Record<string, string> {
  const options = record<string>()
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.replace(/^--/, '')
    options[word] = flags.has(word) ? '' : (words[++i] ?? '')
  }
  return options
}

/** The words of a line; `"…"` is one word, in which a backslash is only itself. */
function quotedWords(line: Line, file: string, problems: Problem[]): string[] | undefined {
  if (!line.text.includes('"')) return line.text.trim().split(/\s+/)
  const words: string[] = []
  const pattern = /"([^"]*)("?)|[^\s"]+/g
  for (let m = pattern.exec(line.text); m; m = pattern.exec(line.text)) {
    if (m[1] === undefined) words.push(m[0])
    else if (m[2] === '"') words.push(m[1])
    else {
      const place = { file, line: line.number, column: m.index + 1 }
      problems.push(problemAt(place, 'a quotation mark that is not closed', line.text))
      return undefined
    }
  }
  return words
}
