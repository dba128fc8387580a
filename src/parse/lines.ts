import type { Problem } from '../model/place.js'
import { problemAt } from './problems.js'

/** A line of a dump, without its end; numbers count from 1. */
export interface Line {
  readonly text: string
  readonly number: number
}

/** A file with more mistakes than this is of another kind. */
const MOST_PROBLEMS = 1000

/**
 * The lines that hold something. A byte order mark and CR before LF are not part of them.
 * @param problems what its reader has found so far: past a thousand, the rest of the file is not read
 */
export function* linesOf(text: string, problems: Problem[]): Generator<Line> {
  let number = 0
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (at < text.length) {
    let end = text.indexOf('\n', at)
    if (end < 0) end = text.length
    number++
    const line = text.slice(at, text[end - 1] === '\r' ? end - 1 : end)
    at = end + 1
    if (line.trim() !== '') yield { text: line, number }
    const last = problems.length >= MOST_PROBLEMS ? problems.at(-1) : undefined
    if (last) {
      problems.push({ ...last, message: 'too many mistakes: the rest of the file was not read' })
      return
    }
  }
}

/** The words of a line, read one after the other; it knows where each stands. */
export class Words {
  private readonly all: { text: string; column: number }[] = []
  private next = 0

  /** @param from offset in the line at which the words begin */
  constructor(
    readonly line: Line,
    readonly file: string,
    from = 0,
  ) {
    const word = /[^\s\\]+/g
    word.lastIndex = from
    for (let m = word.exec(line.text); m; m = word.exec(line.text))
      this.all.push({ text: m[0], column: m.index + 1 })
  }

  get done(): boolean {
    return this.next >= this.all.length
  }
  peek(ahead = 0): string | undefined {
    return this.all[this.next + ahead]?.text
  }
  take(): string | undefined {
    return this.all[this.next++]?.text
  }
  /** Takes the next word if it is this one. */
  skip(word: string): boolean {
    if (this.peek() !== word) return false
    this.next++
    return true
  }

  /** A problem at the word taken last, or at the end of the line where none was left. */
  problem(message: string, severity: Problem['severity'] = 'error'): Problem {
    const column = this.all[this.next - 1]?.column ?? this.line.text.length + 1
    return problemAt({ file: this.file, line: this.line.number, column }, message, this.line.text, severity)
  }
}

/** A problem at the first visible character of a line. */
export const lineProblem = (
  line: Line,
  file: string,
  message: string,
  severity: Problem['severity'] = 'error',
): Problem =>
  problemAt({ file, line: line.number, column: line.text.search(/\S|$/) + 1 }, message, line.text, severity)

/** A decimal number of at most ten digits; undefined if the text is none. */
export const decimal = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined

/** Decimal or 0x…, unsigned 32 bits. */
export function unsigned(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(text)) return undefined
  const n = Number(text)
  return n <= 0xffffffff ? n : undefined
}

/** A port number 0–65535. */
export const portNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined
