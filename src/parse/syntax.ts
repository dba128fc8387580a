/** A line that the grammar refuses: where, and what it expected there. */
export interface SyntaxMessage {
  readonly column: number
  readonly message: string
}

interface Refusal {
  readonly expected:
    | readonly { readonly type: string; readonly description?: string; readonly text?: string }[]
    | null
  readonly location: { readonly start: { readonly column: number } }
}

const isRefusal = (error: unknown): error is Refusal & Error =>
  error instanceof Error && 'expected' in error && 'location' in error

/** What is expected everywhere and so says nothing. */
const DULL = new Set(['blanks', 'the end of the line', '!', 'a quoted text that ends in its line'])

/** Runs a strict parse of a line that failed in bulk, for its message. */
export function whyNot(parseLine: () => unknown, source: string): SyntaxMessage {
  try {
    parseLine()
    return { column: 1, message: 'this line could not be read' }
  } catch (error) {
    if (!isRefusal(error)) throw error
    const column = error.location.start.column
    const names = new Set<string>()
    for (const e of error.expected ?? []) if (e.type === 'other' && e.description) names.add(e.description)
    if (source[column - 1] === '"')
      return { column, message: 'the quote that opens here is not closed in its line' }
    const telling = [...names].filter(n => !DULL.has(n))
    const expected = (telling.length > 0 ? telling : [...names]).sort()
    const found = column > source.length ? 'the line ends' : `there is ${quoted(source.slice(column - 1))}`
    const wanted = expected.length === 0 ? 'something else' : oneOf(expected)
    return { column, message: `expected ${wanted}, but ${found}` }
  }
}

const oneOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`

/** The next word of the rest of a line, cut if it is long. */
function quoted(rest: string): string {
  const word = /^\s*\S*/.exec(rest.slice(0, 60))?.[0] ?? ''
  return JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word)
}
