import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type Document, parseAllDocuments } from 'yaml'
import type { Packet } from '../../src/model/packet.js'
import type { Backend } from '../../src/model/ruleset.js'
import { defaultsFor, type Extra, type WorldKind } from './world.js'
import { packetFrom } from './words.js'

export const BACKENDS = ['legacy', 'nft'] as const

/** A document of a table: packets, and what rules do to each of them. */
export interface Sheet extends Extra {
  readonly world?: WorldKind
  readonly family?: 4 | 6
  /** Table and chain of the rules. */
  readonly at: string
  /** Rules before them: `raw PREROUTING -j CT --notrack`. */
  readonly before?: readonly string[]
  /** Lines for `ipset restore`. */
  readonly sets?: readonly string[]
  readonly packets: Readonly<Record<string, string>>
  /** Rule → names of the packets that fit. All rules stand one behind the other, the packets come in order. */
  readonly rules?: Readonly<Record<string, Answer>>
  /** Rule → packet → what comes out, and where. Each rule stands alone. */
  readonly targets?: Readonly<Record<string, Readonly<Record<string, Answer>>>>
  /** Rule → names of packets of which the simulator says that it can't know. */
  readonly unknown?: Readonly<Record<string, string>>
  /** Fields that chance decides: `sport`. */
  readonly chance?: readonly string[]
  /** Only one of the back ends is asked. */
  readonly only?: Backend
}
/** One for both back ends, or one for each. */
export type Answer = string | Readonly<Record<Backend, string>>

export const answerOf = (answer: Answer | undefined, backend: Backend): string =>
  (typeof answer === 'object' && answer !== null ? answer[backend] : answer) ?? ''
export const bothAnswers = (by: Readonly<Partial<Record<Backend, string>>>): Answer => {
  const { legacy, nft } = by
  return legacy === nft || nft === undefined ? legacy! : legacy === undefined ? nft : { legacy, nft }
}

export interface Table {
  readonly name: string
  readonly sheets: readonly Sheet[]
  readonly documents: readonly Document[]
}

const FOLDER = new URL('./', import.meta.url)
export const tableNames = (): string[] =>
  ['matches', 'targets']
    .flatMap(folder => readdirSync(new URL(`${folder}/`, FOLDER)).map(file => `${folder}/${file}`))
    .filter(file => file.endsWith('.yaml'))
    .map(file => file.replace('.yaml', ''))

export function readTable(name: string): Table {
  const documents = parseAllDocuments(readFileSync(new URL(`${name}.yaml`, FOLDER), 'utf8')) as Document[]
  for (const { errors } of documents) if (errors[0]) throw errors[0]
  return { name, documents, sheets: documents.map(d => d.toJS() as Sheet) }
}

/** Writes answers into a table, whose comments and order stay. */
export function writeTable({ name, documents }: Table, answers: readonly object[]): void {
  for (const [i, answer] of answers.entries())
    for (const [key, value] of Object.entries(answer))
      if (value === undefined) documents[i]!.delete(key)
      else documents[i]!.set(key, documents[i]!.createNode(value))
  const text = documents
    .map(d => d.toString({ lineWidth: 0, directives: false, flowCollectionPadding: false }))
    .join('---\n')
  writeFileSync(new URL(`${name}.yaml`, FOLDER), text)
}

export const familyOfSheet = (sheet: Sheet) => (sheet.family === 6 ? 'ipv6' : 'ipv4')

export interface Sent {
  readonly name: string
  /** Which end sends it. */
  readonly from: string
  readonly packet: Packet
}

export const packetsOf = (sheet: Sheet): Sent[] =>
  Object.entries(sheet.packets).map(([name, text]) => {
    const from = / in=(\w+)/.exec(text)?.[1] ?? 'client'
    const family = familyOfSheet(sheet)
    return {
      name,
      from,
      packet: packetFrom(text, family, defaultsFor(sheet.world ?? 'router', family, from)),
    }
  })

const BUILT_IN: Readonly<Record<string, string>> = {
  raw: 'PREROUTING OUTPUT',
  mangle: 'PREROUTING INPUT FORWARD OUTPUT POSTROUTING',
  nat: 'PREROUTING INPUT OUTPUT POSTROUTING',
  filter: 'INPUT FORWARD OUTPUT',
}

/** All rules of a sheet, or those before and one of them, as an iptables-save dump. */
export function rulesText(sheet: Sheet, rules: readonly string[]): string {
  const lines = [...(sheet.before ?? []), ...rules.map(rule => `${sheet.at} ${rule}`)].map(line => {
    const [, table = '', chain = '', rest = ''] = /^(\w+) (\S+) ?(.*)$/.exec(line)!
    return { table, chain, text: `-A ${chain} ${rest}`.trim() }
  })
  return [...new Set(lines.map(l => l.table))]
    .map(table => {
      const mine = lines.filter(l => l.table === table)
      const builtIn = BUILT_IN[table]!.split(' ')
      const own = [...new Set(mine.map(l => l.chain))].filter(c => !builtIn.includes(c))
      const chains = [...builtIn.map(c => `:${c} ACCEPT [0:0]`), ...own.map(c => `:${c} - [0:0]`)]
      return [`*${table}`, ...chains, ...mine.map(l => l.text), 'COMMIT', ''].join('\n')
    })
    .join('')
}

/** How many rules stand before the first of the sheet's own, in their chain. */
export const rulesBefore = (sheet: Sheet): number =>
  (sheet.before ?? []).filter(line => line.startsWith(`${sheet.at} `)).length
