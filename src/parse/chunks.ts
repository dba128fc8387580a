/**
 * Text in pieces of whole lines, small enough that their nodes stay young garbage and large enough that starting
 * a parser costs nothing. Lines that no parser should see (too long, NUL bytes) are pieces of their own.
 */
export interface Chunk {
  /** Number of the first line, from 1. */
  readonly line: number
  /** Whole lines, each with its newline. A refused line comes without. */
  readonly text: string
  /** Why this one line must not be parsed. */
  readonly refused?: { readonly message: string; readonly column: number }
}

/**
 * Characters of a piece. Beyond 8 KiB, V8 sees so many of a piece's nodes survive its first small collections that
 * it makes all later ones old from birth: half again the time and memory of a large dump.
 */
const CHUNK = 1 << 12

/**
 * @param longest bytes that a line may have, without its newline
 * @param reader whose limit it is, for the message
 */
export function* chunksOf(text: string, longest: number, reader: string): Generator<Chunk> {
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  let at = start
  let line = 1
  let first = 1
  let nul = text.indexOf('\0')
  while (at < text.length) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const hasNul = nul >= 0 && nul < end
    // A UTF-16 unit takes at most three bytes
    const long = end - at > longest / 3 && isLonger(text, at, end, longest)
    if (long || hasNul) {
      if (at > start) yield { line: first, text: text.slice(start, at) }
      yield {
        line,
        text: text.slice(at, end),
        refused: long
          ? {
              message: `a line of more than ${longest} bytes: ${reader} would cut it in two`,
              column: longest + 1,
            }
          : {
              message: 'a NUL byte: is this a text file (and not UTF-16)?',
              column: nul - at + 1,
            },
      }
      if (hasNul) nul = text.indexOf('\0', end)
      start = end + 1
      first = line + 1
    } else if (newline < 0 || end + 1 - start >= CHUNK) {
      const piece = text.slice(start, end + 1)
      yield { line: first, text: newline < 0 ? `${piece}\n` : piece }
      start = end + 1
      first = line + 1
    }
    at = end + 1
    line++
  }
  if (start < text.length) yield { line: first, text: text.slice(start) }
}

function isLonger(text: string, from: number, to: number, limit: number): boolean {
  let bytes = 0
  for (let i = from; i < to && bytes <= limit; i++) {
    const c = text.charCodeAt(i)
    // Half of a surrogate pair counts two: together they are four bytes
    bytes += c < 0x80 ? 1 : c < 0x800 || (c >= 0xd800 && c < 0xe000) ? 2 : 3
  }
  return bytes > limit
}

/** The number of lines of a text; a last line without newline counts. */
export function countLines(text: string): number {
  let lines = 0
  for (let at = 0; at < text.length; lines++) {
    const newline = text.indexOf('\n', at)
    at = newline < 0 ? text.length : newline + 1
  }
  return lines
}
