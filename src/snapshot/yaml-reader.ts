import { LineCounter, type Node, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { Problem } from '../model/place.js'
import { didYouMean, problemAt } from '../parse/problems.js'

/** A YAML file under validation: its tree, and the problems found on the way, each with its place. */
export class YamlReader {
  readonly problems: Problem[] = []
  readonly root: Node | null
  private readonly counter = new LineCounter()
  private readonly lines: readonly string[]

  constructor(
    text: string,
    readonly file: string,
  ) {
    this.lines = text.split('\n')
    const doc = parseDocument(text, { lineCounter: this.counter, prettyErrors: false, uniqueKeys: true })
    this.root = doc.contents as Node | null
    for (const error of doc.errors.slice(0, 20)) this.at(error.pos[0], error.message)
  }

  /** Notes a problem at a node. */
  wrong(node: Node | null | undefined, message: string, severity: Problem['severity'] = 'error'): undefined {
    this.at(node?.range?.[0] ?? 0, message, severity)
    return undefined
  }

  private at(offset: number, message: string, severity: Problem['severity'] = 'error'): void {
    const { line, col } = this.counter.linePos(offset)
    const number = Math.max(1, line)
    const place = { file: this.file, line: number, column: Math.max(1, col) }
    this.problems.push(problemAt(place, message, (this.lines[number - 1] ?? '').replace(/\r$/, ''), severity))
  }

  /** The entries of a mapping, each key a word; `known` names the keys that it may have, any if absent. */
  map(node: Node | null | undefined, what: string, known?: readonly string[]): Map<string, Node> | undefined {
    if (!isMap(node)) return this.wrong(node, this.expected(node, `${what}: expected a mapping`))
    const entries = new Map<string, Node>()
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? textOf(key) : undefined
      if (name === undefined) this.wrong(key as Node, `${what}: a key must be a word`)
      else if (known && !known.includes(name))
        this.wrong(key as Node, `${what}: unknown key \`${name.slice(0, 60)}\`${didYouMean(name, known)}`)
      else if (value === null || (isScalar(value) && value.value === null && value.source === ''))
        this.wrong(key as Node, `${what}: \`${name}\` has no value`)
      else entries.set(name, value as Node)
    }
    return entries
  }

  list(node: Node | undefined, what: string): readonly Node[] | undefined {
    if (node === undefined) return undefined
    if (!isSeq(node)) return this.wrong(node, this.expected(node, `${what}: expected a list`))
    return node.items as Node[]
  }

  /** A single value as it is written; `6.10` stays `6.10`. */
  text(node: Node | undefined, what: string): string | undefined {
    if (node === undefined) return undefined
    const text = isScalar(node) ? textOf(node) : undefined
    return text ?? this.wrong(node, this.expected(node, `${what}: expected a word`))
  }

  number(node: Node | undefined, what: string, max: number): number | undefined {
    const text = this.text(node, what)
    if (text === undefined) return undefined
    if (/^\d{1,10}$/.test(text) && Number(text) <= max) return Number(text)
    return this.wrong(node, `${what}: expected a whole number from 0 to ${max}`)
  }

  flag(node: Node | undefined, what: string): boolean | undefined {
    const text = this.text(node, what)
    if (text === undefined) return undefined
    if (text === 'true' || text === 'false') return text === 'true'
    return this.wrong(node, `${what}: expected true or false`)
  }

  /** A word, or a list of words; a comma separates as well, as in `--cluster-cidr`. */
  words(node: Node | undefined, what: string): { text: string; node: Node }[] {
    if (node === undefined) return []
    const nodes = isSeq(node) ? (node.items as Node[]) : [node]
    return nodes.flatMap(item => {
      const text = this.text(item, what)
      return text === undefined ? [] : text.split(/\s*,\s*/).map(word => ({ text: word, node: item }))
    })
  }

  isText(node: Node | undefined): boolean {
    return isScalar(node)
  }

  private expected(node: Node | null | undefined, otherwise: string): string {
    return isAlias(node) ? 'anchors and aliases are not used in this file: write it out' : otherwise
  }
}

/** Numbers, too, as they are written: an address or a version is no floating-point number. */
function textOf(node: { value: unknown; source?: string | undefined }): string | undefined {
  if (typeof node.value === 'string') return node.value
  if (typeof node.value === 'number' || typeof node.value === 'boolean')
    return node.source ?? String(node.value)
  return undefined
}
