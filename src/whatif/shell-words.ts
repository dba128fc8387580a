/** A line of a shell-like file, its continuation lines joined; the number of its first line counts from 1. */
export interface ShellLine {
  readonly text: string
  readonly number: number
}

/** Joins lines that end in a backslash. */
export function shellLines(text: string): ShellLine[] {
  const lines: ShellLine[] = []
  let open: { text: string; number: number } | undefined
  text.split('\n').forEach((raw, i) => {
    const line = raw.replace(/\r$/, '')
    const more = /(^|[^\\])\\$/.test(line)
    const piece = more ? line.slice(0, -1) : line
    if (open) open.text += piece
    else open = { text: piece, number: i + 1 }
    if (more) return
    lines.push(open)
    open = undefined
  })
  if (open) lines.push(open)
  return lines
}

/** Splits as a POSIX shell splits words: quotes and backslashes, `#` begins a comment; nothing is expanded. */
export function shellWords(text: string): { words: string[]; comment: string } | { error: string } {
  const words: string[] = []
  let word: string | undefined
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === ' ' || c === '\t') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (c === '#' && word === undefined) return { words, comment: text.slice(i + 1).trim() }
    else if (c === "'" || c === '"') {
      let end = i + 1
      word ??= ''
      for (; end < text.length && text[end] !== c; end++) {
        if (c === '"' && text[end] === '\\' && /["\\$`]/.test(text[end + 1] ?? '')) end++
        word += text[end]
      }
      if (end >= text.length) return { error: `a quote ${c} is never closed` }
      i = end
    } else if (c === '\\') word = (word ?? '') + (text[++i] ?? '')
    else word = (word ?? '') + c
  }
  if (word !== undefined) words.push(word)
  return { words, comment: '' }
}

/** A word as a shell needs it. */
export const shellQuoted = (word: string): string =>
  /^[A-Za-z0-9_./:,+@%=^-]+$/.test(word) || word === '!'
    ? word
    : `"${word.replace(/["\\$`]/g, c => `\\${c}`)}"`
