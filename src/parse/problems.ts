import type { Problem } from '../model/place.js'

/** Longest piece of a line that a problem keeps, in characters; a dump may hold lines of megabytes. */
const KEPT = 400

/** Input that cannot be used at all. Everything else that is wrong stays in `Snapshot.problems`. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly code = 'input'
  readonly exitCode = 3
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(p => p.message).join('\n'))
  }
}

/** An `InputError` about a whole file or folder, without a line. */
export const inputError = (file: string, message: string): InputError =>
  new InputError([{ file, line: 0, column: 0, message, source: '', severity: 'error' }])

/** A problem at a place of a line; a huge line keeps what surrounds the column. */
export function problemAt(
  place: { readonly file: string; readonly line: number; readonly column: number },
  message: string,
  source: string,
  severity: Problem['severity'] = 'error',
): Problem {
  if (source.length <= KEPT) return { ...place, message, source, severity }
  const offset = Math.max(0, Math.min(place.column - 1 - (KEPT >> 1), source.length - KEPT))
  return { ...place, message, source: source.slice(offset, offset + KEPT), sourceOffset: offset, severity }
}

/** Adds the problems of one file to those of all, at most a thousand: an argument list of millions would overflow the stack. */
export function collect(all: Problem[], found: readonly Problem[], severity?: Problem['severity']): void {
  for (const problem of found.slice(0, 1001)) all.push(severity ? { ...problem, severity } : problem)
}

/** Shows what a terminal must not be sent: control characters, escapes, bidirectional overrides. */
export const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, c =>
    c === '\t' ? ' ' : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/**
 * `file:line:column: message`, then the line and a caret below the column. Line 0 means the whole file.
 * @param width columns that the shown line may take; a longer one is cut around the caret
 */
export function formatProblem(problem: Problem, width = 100): string {
  const { file, line, column, message, source, severity } = problem
  const place = line > 0 ? `${visible(file)}:${line}:${column}` : visible(file)
  const head = `${place}: ${severity === 'warning' ? 'warning: ' : ''}${visible(message)}`
  if (line === 0 || source.trim() === '') return head
  const offset = problem.sourceOffset ?? 0
  const at = Math.max(0, Math.min(column - 1 - offset, source.length))
  const start = source.length <= width ? 0 : Math.max(0, Math.min(at - (width >> 1), source.length - width))
  const end = Math.min(source.length, start + width)
  const before = `${offset + start > 0 ? '…' : ''}${visible(source.slice(start, at))}`
  const after = `${visible(source.slice(at, end))}${end < source.length || offset > 0 ? '…' : ''}`
  return `${head}\n  ${before}${after}\n  ${' '.repeat(before.length)}^`
}

/** Edits between two words, at most `limit` + 1; the measure of did-you-mean. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same)
      // two letters the wrong way round are one mistake
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, before[j - 2]! + 1)
      next.push(best)
    }
    before = row
    row = next
  }
  return row[b.length]!
}

/** The known words nearest to a mistyped one, best first, at most three. */
export function nearest(word: string, known: Iterable<string>): string[] {
  const asked = word.slice(0, 100).toLowerCase()
  const limit = Math.max(1, Math.min(3, Math.ceil(asked.length / 3)))
  const scored: { name: string; score: number }[] = []
  for (const name of known) {
    const low = name.slice(0, 100).toLowerCase()
    const far = distance(asked, low, limit)
    if (far <= limit) scored.push({ name, score: far })
    else if (Math.min(asked.length, low.length) > 1 && (low.includes(asked) || asked.includes(low)))
      scored.push({ name, score: limit + 1 })
  }
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, 3)
    .map(s => s.name)
}

/** `; did you mean a or b?`, or nothing. */
export const didYouMean = (word: string, known: Iterable<string>): string => {
  const near = nearest(word, known)
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`
}
