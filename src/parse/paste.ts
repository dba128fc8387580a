import type { Problem } from '../model/place.js'
import { problemAt } from './problems.js'
import { type DumpKind, recognise } from './recognise.js'

/** A dump inside another text. Its lines have the numbers that they have there; other lines are blank. */
export interface Found {
  readonly text: string
  readonly kind: DumpKind | undefined
  /** How many characters stood before each line of the dump, by its number. */
  readonly indent: ReadonlyMap<number, number>
  /** Columns and lines of a problem with the dump, as they are in the whole text. */
  place(problem: Problem): Problem
}

const TABLES = '(?:filter|nat|mangle|raw|security)'
/** What stands before a line in a log, a quotation, a list, a diff: nothing that could be a part of a dump. */
const LEAD = /^(?:.{0,200}?(?:[:|\]>$#]|\d[\dTZ:.,+-]+)[ \t]+|[\s>|+"'-]*)$/
const START = new RegExp(`^(.*?)\\*${TABLES}[ \\t]*$`)
/** What a line of a dump of rules begins with. */
const RULE_LINE = new RegExp(
  `(?:\\[\\d+:\\d+\\] )?-[AI] \\S+ |:[^\\s:]+ (?:ACCEPT|DROP|-)(?: \\[|\\s*$)|\\*${TABLES}[ \\t]*$|COMMIT[ \\t]*$|# (?:Generated|Completed|Warning)`,
)
const FENCE = /^\s*(?:>\s*)*(?:`{3,}|~{3,})/
/** `root@node:~# ip -d addr`, `$ sudo iptables -S`: a command typed at a prompt. */
const PROMPT =
  /^\s*(?:>\s*)*(?!->)(?:\S{0,80} ?(?:\S{1,40} )?[#$%>]|\[[^\]]{0,80}\][#$])\s*(?:sudo\s+)?(?=[a-z])/
/** Longest line that is looked at for a shape. */
const LONGEST = 20_000

/**
 * Finds the dump in a bug report: behind shell prompts, in fences of Markdown, indented in YAML, as a string of JSON,
 * with a log's time before each line. Where there are more, tables of rules come first.
 */
export function findDump(text: string, kind?: DumpKind): Found {
  const lines = (fromJson(text) ?? text).replace(/^\ufeff/, '').split(/\r?\n/)
  const rules = kind === undefined || /^ip6?tables-save$/.test(kind) ? tablesOf(lines) : undefined
  if (rules) return found(lines, rules, kind)
  const parts = partsOf(lines).map(part => dedent(lines, part))
  const named = parts
    .map(part => found(lines, part, kind))
    .filter(part => part.text.trim() !== '' && part.kind !== undefined)
  const wanted = named.find(part => recognise(part.text) === kind) ?? named[0]
  // listings of one table each belong together
  if (wanted && /^ip6?tables-(?:rules|list)$/.test(wanted.kind ?? '')) {
    const same = parts.filter(part => {
      const its = recognise(found(lines, part, undefined).text)
      return its === wanted.kind || its === undefined
    })
    return found(lines, new Map([...prompts(lines), ...same.flatMap(part => [...part])]), wanted.kind)
  }
  return wanted ?? found(lines, new Map(lines.map((line, i) => [i, { text: line, indent: 0 }])), kind)
}

type Part = ReadonlyMap<number, { readonly text: string; readonly indent: number }>

function found(lines: readonly string[], part: Part, asked: DumpKind | undefined): Found {
  const text = lines.map((_, i) => part.get(i)?.text ?? '').join('\n')
  const indent = new Map([...part].map(([i, line]) => [i + 1, line.indent]))
  return {
    text,
    kind: asked ?? recognise(text.replace(/^\n+/, '')),
    indent,
    place({ file, line, column, message, severity }) {
      const place = { file, line, column: column + (indent.get(line) ?? 0) }
      return problemAt(place, message, lines[line - 1] ?? '', severity)
    },
  }
}

/** Lines from each `*table` to its COMMIT, without what stands before them. */
function tablesOf(lines: readonly string[]): Part | undefined {
  const part = new Map<number, { text: string; indent: number }>()
  let lead: string | undefined
  for (const [i, line] of lines.entries()) {
    if (line.length > LONGEST) {
      if (lead !== undefined) part.set(i, { text: line, indent: 0 })
      continue
    }
    const start = START.exec(line)
    if (start && LEAD.test(start[1]!)) lead = start[1]!
    if (lead === undefined) continue
    if (FENCE.test(line)) {
      lead = undefined
      continue
    }
    const indent = leadOf(line, lead)
    const text = line.slice(indent).trimEnd()
    part.set(i, { text, indent })
    if (text === 'COMMIT') lead = undefined
  }
  return part.size > 0 ? part : undefined
}

function leadOf(line: string, lead: string): number {
  const at = line.search(RULE_LINE)
  // a time of the same width, or another one: whatever a log puts before its lines
  if (at >= 0 && (at === lead.length || LEAD.test(line.slice(0, at)))) return at
  if (line.startsWith(lead)) return lead.length
  return line.length - line.trimStart().length
}

/** What lies between prompts and fences: the output of one command each. */
function partsOf(lines: readonly string[]): number[][] {
  const parts: number[][] = [[]]
  for (const [i, line] of lines.entries())
    if (line.length < LONGEST && (FENCE.test(line) || PROMPT.test(line))) parts.push([])
    else parts.at(-1)!.push(i)
  return parts.filter(part => part.some(i => lines[i]!.trim() !== ''))
}

/** Commands typed at prompts: they tell of which table a listing is. */
const prompts = (lines: readonly string[]): [number, { text: string; indent: number }][] =>
  lines.flatMap((line, i) =>
    line.length < LONGEST && PROMPT.test(line) && /\bip6?tables\b/.test(line)
      ? [[i, { text: line.trim(), indent: 0 }]]
      : [],
  )

function dedent(lines: readonly string[], part: readonly number[]): Part {
  const full = part.filter(i => lines[i]!.trim() !== '')
  const quoted = full.every(i => /^\s*>/.test(lines[i]!))
  const leads = full.map(i => (quoted ? /^\s*>\s?/ : /^\s*/).exec(lines[i]!)![0].length)
  const indent = leads.reduce((least, n) => Math.min(least, n), Number.POSITIVE_INFINITY)
  return new Map(full.map(i => [i, { text: lines[i]!.slice(indent).trimEnd(), indent }]))
}

/** The string of a JSON text (or of code) that holds a dump on one line, with `\n` in it. */
function fromJson(text: string): string | undefined {
  const at = text.search(new RegExp(`\\*${TABLES}(?:\\\\r)?\\\\n`))
  if (at < 0) return undefined
  const open = text.lastIndexOf('"', at)
  if (open < 0) return undefined
  let close = open + 1
  while (close < text.length && text[close] !== '"') close += text[close] === '\\' ? 2 : 1
  try {
    const value: unknown = JSON.parse(text.slice(open, close + 1))
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
