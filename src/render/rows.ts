import { printable } from './escape.js'
import { textWidth, wrap } from './wrap.js'

/** How a part is set off where there is colour. The words say the same without it. */
export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'bad' | 'change' | 'warn'

/** Turns text into coloured text; identity where there is no colour. */
export type Paint = (tone: Tone, text: string) => string
export const plain: Paint = (_, text) => text

/** One thing to say: labels in their columns, then text that may wrap under itself. */
export interface Row {
  readonly indent: number
  /** Left labels with their column widths: `[['PREROUTING', 13], ['nat', 11]]`. */
  readonly labels?: readonly (readonly [label: string, width: number])[]
  readonly text: string
  readonly tone?: Tone
  readonly labelTone?: Tone
  /** Columns by which second and further lines are indented more. */
  readonly hang?: number
}

/** A row below a heading: a label in its column, and what it says. */
export const labelled = (label: string, text: string, more: Partial<Row> = {}): Row => ({
  indent: 2,
  labels: [[label, 12]],
  text,
  hang: 2,
  ...more,
})

/** Lays rows out in a number of columns. Nothing is wider, however long a rule is (below 40 columns it gives up). */
export function layout(rows: readonly Row[], columns: number, paint: Paint): string {
  return rows.map(row => layoutRow(row, Math.max(40, columns), paint)).join('\n')
}

function layoutRow(row: Row, columns: number, paint: Paint): string {
  if (row.text === '' && !row.labels) return ''
  let indent = row.indent
  let lead = ' '.repeat(indent)
  let painted = lead
  for (const [label, width] of row.labels ?? []) {
    const text = printable(label)
    const pad = ' '.repeat(Math.max(text === '' ? 0 : 1, width - textWidth(text)))
    lead += text + pad
    painted += (text === '' ? '' : paint(row.labelTone ?? 'plain', text)) + pad
    indent += width
  }
  const tone = row.tone ?? 'plain'
  const hang = row.hang ?? 0
  const used = textWidth(lead)
  const first = used > indent ? columns - used : columns - indent
  const text = printable(row.text)
  // labels that leave no room for words stand on a line of their own
  if (first < 16) {
    const at = Math.min(indent, row.indent + 4)
    const lines = wrap(text, columns - at, hang)
    const head = wrap(lead.trim(), columns - row.indent).map(line => ' '.repeat(row.indent) + line)
    return [...head, ...lines.map((line, i) => ' '.repeat(at + (i ? hang : 0)) + paint(tone, line))].join(
      '\n',
    )
  }
  const lines = wrap(text, first, hang + (indent - used))
  return lines
    .map((line, i) => {
      if (i === 0) return line === '' ? painted.trimEnd() : painted + paint(tone, line)
      return ' '.repeat(indent + hang) + paint(tone, line)
    })
    .join('\n')
}
