import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'

/** A rule that the `.t` files of the extensions call good, in pieces. */
export interface Sample {
  readonly six: boolean
  readonly table: string
  readonly chain: string
  /** `-p tcp`, `-s …`: what stands before the extensions. */
  readonly base: readonly string[]
  /** Each from its `-m NAME` or `-j NAME` on; a word is as written, quotes and all. */
  readonly groups: readonly (readonly string[])[]
}

const wordsOf = (rule: string): string[] => rule.match(/"(?:[^"\\]|\\.)*"|'[^']*'|\S+/g) ?? []

function sampleOf(rule: string, table: string, chain: string): Sample {
  const six = rule.startsWith('-6 ')
  const base: string[] = []
  const groups: string[][] = []
  for (const word of wordsOf(six ? rule.slice(3) : rule)) {
    if (/^-[mjg]$/.test(word)) groups.push([word])
    else if (groups.length > 0) groups.at(-1)!.push(word)
    else base.push(word)
  }
  return { six, table, chain, base, groups }
}

function read(folder: string): Sample[] {
  const url = new URL(`../xtables/${folder}/`, import.meta.url)
  return readdirSync(url)
    .filter(file => file.endsWith('.t'))
    .flatMap(file => {
      let table = 'filter'
      let chain = 'FORWARD'
      return readFileSync(new URL(file, url), 'utf8')
        .split('\n')
        .flatMap(line => {
          if (line.startsWith('*')) table = line.slice(1)
          else if (line.startsWith(':')) chain = line.slice(1)
          const [rule = '', , verdict] = line.split('; ')
          // ONCE: the tool prints what it does not read again
          return verdict === 'OK' && !rule.startsWith('?') ? [sampleOf(rule, table, chain)] : []
        })
    })
}

export const matchSamples = read('matches').filter(s => s.groups.length + s.base.length > 0)
export const targetSamples = read('targets').filter(s => s.groups.length > 0)

const NUMBERS = [
  '0',
  '1',
  '2',
  '7',
  '63',
  '64',
  '255',
  '256',
  '0x10',
  '65535',
  '65536',
  '4294967295',
  '4294967296',
  '-1',
]

/** Changes a rule a little: a number, a negation, a word that is missing or doubled. */
const change = fc.record({
  kind: fc.constantFrom('number', 'not', 'drop', 'double', 'none', 'none', 'none'),
  at: fc.nat(40),
  number: fc.constantFrom(...NUMBERS),
})
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

function changed(words: readonly string[], { kind, at, number }: Change): readonly string[] {
  const i = words.length === 0 ? 0 : at % words.length
  const word = words[i]
  if (word === undefined || kind === 'none') return words
  if (kind === 'drop') return words.toSpliced(i, 1)
  if (kind === 'double') return words.toSpliced(i, 0, word)
  if (kind === 'not')
    return word === '!' ? words.toSpliced(i, 1) : word.startsWith('--') ? words.toSpliced(i, 0, '!') : words
  return words.with(i, word.replace(/\d+/, number))
}

export interface GeneratedRule {
  readonly six: boolean
  readonly table: string
  readonly chain: string
  readonly text: string
}

/** Rules over all extensions: matches of two lines and a target, whatever fits and some that does not. */
export const ruleArbitrary: fc.Arbitrary<GeneratedRule> = fc
  .record({
    first: fc.constantFrom(...matchSamples),
    second: fc.option(fc.constantFrom(...matchSamples)),
    target: fc.option(fc.constantFrom(...targetSamples)),
    plain: fc.constantFrom('', '-j ACCEPT', '-j RETURN', '-j USER', '-g USER'),
    address: fc.constantFrom('', '', '-s 10.0.0.0/8', '! -d 10.1.2.3', '-i eth+', '! -o lo'),
    changes: fc.array(change, { maxLength: 2 }),
  })
  .map(({ first, second, target, plain, address, changes }) => {
    const place = target ?? first
    const two = second && second.six === place.six ? second : undefined
    const one = first.six === place.six ? first : undefined
    const base = [target, one, two].find(s => s && s.base.length > 0)?.base ?? []
    const matches = [one, two].flatMap(s => s?.groups.filter(group => group[0] === '-m') ?? [])
    const jump = target ? target.groups.flat() : wordsOf(plain)
    const words = [
      ...wordsOf(place.six && /\d\./.test(address) ? '' : address),
      ...base,
      ...matches.flat(),
      ...jump,
    ]
    return {
      six: place.six,
      table: place.table,
      chain: place.chain,
      text: changes.reduce(changed, words).join(' '),
    }
  })
