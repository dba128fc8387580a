import type { Problem } from '../model/place.js'
import { problemAt } from './problems.js'

/** An object of a tool's `-j` output. Asked by own names only, each with the type that is expected. */
export class JsonObject {
  constructor(private readonly own: object) {}

  has(key: string): boolean {
    return Object.hasOwn(this.own, key)
  }
  private get(key: string): unknown {
    return Object.hasOwn(this.own, key) ? (this.own as Record<string, unknown>)[key] : undefined
  }
  /** Text; a number is taken as its digits, as the tools are not of one mind (`"table": "100"`). */
  text(key: string): string | undefined {
    const value = this.get(key)
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
  }
  number(key: string): number | undefined {
    const value = this.get(key)
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value
    return typeof value === 'string' && /^(\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(value)
      ? Number(value)
      : undefined
  }
  flag(key: string): boolean {
    const value = this.get(key)
    return value === true || value === 'on'
  }
  texts(key: string): string[] {
    const value = this.get(key)
    return Array.isArray(value) ? value.filter(v => typeof v === 'string') : []
  }
  object(key: string): JsonObject | undefined {
    const value = this.get(key)
    return isObject(value) ? new JsonObject(value) : undefined
  }
  objects(key: string): JsonObject[] {
    const value = this.get(key)
    return Array.isArray(value) ? value.filter(isObject).map(v => new JsonObject(v)) : []
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface JsonList {
  readonly items: readonly JsonObject[]
  readonly problems: readonly Problem[]
  /** A problem about an item: JSON has no lines of its own, so it points at the first place that names it. */
  about(needle: string, message: string, severity?: Problem['severity']): Problem
}

/** Reads the array of objects that `ip -j`, `bridge -j` print. An empty text is an empty list; `{}` items are holes. */
export function readJsonList(text: string, file: string): JsonList {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  let told = 0
  const about = (needle: string, message: string, severity: Problem['severity'] = 'error') => {
    // each search costs the length of the text: in a file full of mistakes the later ones have to do without
    if (told++ >= 100) return { file, line: 1, column: 1, message, source: '', severity }
    return problemAtOffset(body, file, Math.max(0, body.indexOf(JSON.stringify(needle))), message, severity)
  }
  if (body.trim() === '') return { items: [], problems: [], about }
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error)
    const offset = /position (\d+)/.exec(says)?.[1]
    const message = `not JSON: ${says.replace(/ \(line.*/, '').slice(0, 200)}`
    return {
      items: [],
      about,
      problems: [
        problemAtOffset(body, file, offset === undefined ? body.length : Number(offset), message, 'error'),
      ],
    }
  }
  if (!Array.isArray(value))
    return { items: [], about, problems: [problemAtOffset(body, file, 0, 'expected a JSON array', 'error')] }
  const items: JsonObject[] = []
  const problems: Problem[] = []
  for (const item of value) {
    if (isObject(item)) {
      if (Object.keys(item).length > 0) items.push(new JsonObject(item))
    } else if (problems.length === 0)
      problems.push(problemAtOffset(body, file, 0, 'expected an array of objects', 'error'))
  }
  return { items, problems, about }
}

function problemAtOffset(
  text: string,
  file: string,
  offset: number,
  message: string,
  severity: Problem['severity'],
): Problem {
  const at = Math.min(offset, text.length)
  const start = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
  let line = 1
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line++
  const end = text.indexOf('\n', at)
  const whole = text.slice(start, end < 0 ? text.length : end)
  return problemAt({ file, line, column: at - start + 1 }, message, whole, severity)
}
