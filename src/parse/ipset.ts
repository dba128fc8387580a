import type { IpSet, SetEntry } from '../model/ipset.js'
import type { Problem } from '../model/place.js'
import { type Line, lineProblem, linesOf } from './lines.js'
import { record } from '../values/record.js'
import { elementComplaint, optionComplaint, SET_TYPES } from './ipset-element.js'
import { didYouMean, problemAt } from './problems.js'

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
  ...(
    [
      ['del', 'd', '-D'],
      ['destroy', 'x', '-X'],
      ['flush', 'f', '-F'],
      ['rename', 'e', '-E'],
      ['swap', 'w', '-W'],
    ] as const
  ).flatMap(names => names.map(name => [name, names[0]] as const)),
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
    const wrong = (message: string) => problems.push(lineProblem(line, file, message))
    if (kind === undefined)
      problems.push(lineProblem(line, file, 'expected `create SET TYPE …` or `add SET ELEMENT …`'))
    else if (kind === 'destroy' || kind === 'flush') {
      const complaint = empty(sets, kind, name)
      if (complaint) wrong(complaint)
    } else if (kind === 'rename' || kind === 'swap') {
      const complaint = exchange(sets, kind, name, rest[0])
      if (complaint) wrong(complaint)
    } else if (name === undefined || rest[0] === undefined)
      problems.push(
        lineProblem(line, file, `${kind}: ${kind === 'create' ? 'a type' : 'an element'} is missing`),
      )
    else if (kind === 'create') {
      if (sets.has(name)) problems.push(lineProblem(line, file, `the set ${name} was created before`))
      else {
        const set = created(name, rest[0], rest.slice(1), line.number)
        if (!SET_TYPES.has(set.type))
          wrong(`there is no set type ${rest[0]}${didYouMean(rest[0], SET_TYPES)}`)
        const complaint = optionComplaint('create', givenOptions(rest.slice(1), FLAGS))
        if (complaint) wrong(complaint)
        if (name.length > 31) wrong('the name of a set has at most 31 characters')
        sets.set(name, set)
      }
    } else {
      const set = sets.get(name)
      const [element, ...options] = rest
      if (set) {
        const complaint =
          (SET_TYPES.has(set.type) ? elementComplaint(set.type, set.family, element!) : undefined) ??
          (set.type === 'list:set' && kind === 'add' && !sets.has(element!)
            ? `no set ${element} was created before this line`
            : optionComplaint('add', givenOptions(options, ENTRY_FLAGS)))
        if (complaint) wrong(complaint)
        else if (kind === 'add') set.entries.push(added(element!, options))
        else set.entries.splice(0, set.entries.length, ...set.entries.filter(e => e.element !== element))
      } else problems.push(lineProblem(line, file, `no set ${name} was created before this line`))
    }
  }
  return { sets: [...sets.values()], problems }
}

type Sets = Map<string, Draft>

/** `destroy` and `flush`, of one set or of all; what is wrong, or undefined. */
function empty(sets: Sets, kind: 'destroy' | 'flush', name: string | undefined): string | undefined {
  const set = name === undefined ? undefined : sets.get(name)
  if (name !== undefined && !set) return `no set ${name} was created before this line`
  for (const one of set ? [set] : [...sets.values()]) {
    if (kind === 'destroy') sets.delete(one.name)
    else one.entries.length = 0
  }
  return undefined
}

/** `rename FROM TO` and `swap ONE OTHER`. */
function exchange(
  sets: Sets,
  kind: 'rename' | 'swap',
  from: string | undefined,
  to: string | undefined,
): string | undefined {
  if (from === undefined || to === undefined) return `${kind}: two names of sets are needed`
  const [one, other] = [sets.get(from), sets.get(to)]
  if (!one) return `no set ${from} was created before this line`
  if (kind === 'rename') {
    if (other) return `the set ${to} was created before`
    sets.delete(from)
    sets.set(to, { ...one, name: to })
    return undefined
  }
  if (!other) return `no set ${to} was created before this line`
  sets.set(from, { ...other, name: from })
  sets.set(to, { ...one, name: to })
  return undefined
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

/** Options as given: name, value, and whether it is one that stands alone. */
function* givenOptions(
  words: readonly string[],
  flags: ReadonlySet<string>,
): Generator<readonly [string, string | undefined, boolean]> {
  for (let i = 0; i < words.length; i++) {
    const name = words[i]!.replace(/^--/, '')
    const isFlag = flags.has(name) || name === '-6' || name === '-4'
    yield [name, isFlag ? undefined : words[++i], isFlag]
  }
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
