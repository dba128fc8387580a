import { labelled, layout, type Paint, plain, type Row } from './rows.js'

/** A cure as it is shown; what `fix` returns. */
export interface CureView {
  readonly title: string
  readonly commands: readonly string[]
  readonly undo: readonly string[]
  readonly blast: {
    readonly asked: number
    readonly better: readonly string[]
    readonly worse: readonly string[]
  }
}

/** A rule that was asked about; what `explain` returns. */
export interface ExplanationView {
  readonly rule: string
  readonly text: string
  readonly file: string
  readonly line: number
  readonly maker?: string
  readonly part: string
  readonly says: string
}

interface ViewOptions {
  readonly columns: number
  readonly paint?: Paint
}

/** Every cure that works, best first: what to type, how to take it back, and what else changes. */
export function renderCures(cures: readonly CureView[], { columns, paint = plain }: ViewOptions): string {
  if (cures.length === 0) return 'no cure was found among the edits that nfsim tries\n'
  const rows = cures.flatMap((cure, i): Row[] => [
    { indent: 0, text: `cure ${i + 1}: ${cure.title} (tried here: it works)`, tone: 'good', hang: 2 },
    ...cure.commands.map(command => labelled('do', command)),
    ...cure.undo.map(command => labelled('undo', command, { tone: 'dim' })),
    labelled(
      'besides',
      `of ${cure.blast.asked} other conversations ${listed(cure.blast.better, 'better')}, ${listed(cure.blast.worse, 'worse')}`,
    ),
    ...cure.blast.worse.slice(0, 4).map(text => labelled('worse', text, { tone: 'bad' })),
  ])
  return `${layout(rows, columns, paint)}\n`
}

const listed = (list: readonly string[], word: string): string =>
  list.length === 0 ? `none gets ${word}` : `${list.length} get${list.length === 1 ? 's' : ''} ${word}`

/** What rules have to do with a conversation. */
export function renderExplanations(
  list: readonly ExplanationView[],
  { columns, paint = plain }: ViewOptions,
): string {
  const rows = list.flatMap((e): Row[] => [
    { indent: 0, text: `rule ${e.rule}`, tone: 'strong', hang: 2 },
    labelled('', e.text),
    labelled('where', `${e.file}${e.line > 0 ? `:${e.line}` : ''}`, { tone: 'dim' }),
    ...(e.maker === undefined ? [] : [labelled('maker', e.maker)]),
    labelled(e.part === 'matched' ? 'matched' : 'innocent', e.says.replace(/^innocent: /, ''), {
      tone: e.part === 'matched' ? 'warn' : 'good',
    }),
  ])
  return `${layout(rows, columns, paint)}\n`
}
