/**
 * Makes text from dumps harmless for a terminal: control characters (C0, C1, DEL), line separators and
 * direction overrides are spelled as escapes, so a comment in a rule can neither move the cursor nor hide a word.
 */
export const printable = (text: string): string => text.replace(HARMFUL, spell)

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/gu

function spell(c: string): string {
  if (c === '\n') return '\\n'
  if (c === '\t') return '\\t'
  if (c === '\r') return '\\r'
  const code = c.codePointAt(0)!
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
