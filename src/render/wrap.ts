const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u

/** Columns that a character takes on a terminal: 0 for combining marks, 2 for wide ones. */
export const charWidth = (c: string): number => (/\p{M}/u.test(c) ? 0 : WIDE.test(c) ? 2 : 1)

/** Columns of printable text. Most of it is ASCII, where the length is the width. */
export function textWidth(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range itself
  if (/^[\x00-\x7f]*$/.test(text)) return text.length
  let width = 0
  for (const c of text) width += charWidth(c)
  return width
}

/**
 * Breaks text at spaces into lines of at most `width` columns (never below 8); a word that is longer still
 * is cut. The second and further lines of one text are `hang` columns narrower, for the caller to indent.
 */
export function wrap(text: string, width: number, hang = 0): string[] {
  const lines: string[] = []
  let line = ''
  let used = 0
  const room = () => Math.max(8, lines.length === 0 ? width : width - hang)
  const flush = () => {
    lines.push(line)
    line = ''
    used = 0
  }
  for (const word of text.split(' ')) {
    const size = textWidth(word)
    const gap = used > 0 ? 1 : 0
    if (used + gap + size <= room()) {
      line += (gap ? ' ' : '') + word
      used += gap + size
      continue
    }
    if (used > 0) flush()
    for (const c of word) {
      const columns = charWidth(c)
      if (used + columns > room()) flush()
      line += c
      used += columns
    }
  }
  if (line !== '' || lines.length === 0) flush()
  return lines
}
