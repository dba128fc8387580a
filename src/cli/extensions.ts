import type { Command } from 'commander'
import { layout, type Row } from '../render/rows.js'
import { protoName } from '../values/proto.js'
import type { MatchExtension, TargetExtension } from '../xtables/extension.js'
import { allExtensions } from '../xtables/registry.js'
import { EXIT } from './exit-codes.js'
import type { Io } from './io.js'
import { formatOption } from './options.js'
import { paintFor } from './paint.js'
import type { Finish } from './run.js'
import { didYouMean } from '../parse/problems.js'
import { UsageError } from './usage-error.js'

type Extension = MatchExtension | TargetExtension

/** `nfsim extensions [NAME]`: the matches and targets that nfsim understands; of one, all that is known. */
export function addExtensions(program: Command, io: Io, finish: Finish): void {
  program
    .command('extensions')
    .description('list the matches and targets that are understood, or tell all about one')
    .argument('[name]', 'as a rule spells it: conntrack, DNAT')
    .addOption(formatOption(['text', 'json']))
    .action((name: string | undefined, { format }: { format: string }) => {
      const all = allExtensions()
      const chosen = name === undefined ? all : all.filter(extension => extension.name === name)
      if (name !== undefined && chosen.length === 0) {
        const names = all.map(extension => extension.name)
        throw new UsageError('unknown-extension', `error: no extension ${name}${didYouMean(name, names)}`)
      }
      if (format === 'json') io.out(`${JSON.stringify(chosen.map(plainData), null, 1)}\n`)
      else if (name === undefined) io.out(listed(chosen, io))
      else io.out(chosen.map(extension => described(extension, io)).join('\n'))
      finish(EXIT.works)
    })
}

const plainData = ({
  kind,
  name,
  summary,
  doc,
  kernel,
  family,
  tables,
  hooks,
  protos,
  options,
}: Extension) => ({
  kind,
  name,
  summary,
  doc,
  kernel,
  family,
  tables,
  hooks,
  protos: protos?.map(protoName),
  options: Object.values(options).map(({ flags, words, negatable, required, repeatable }) => ({
    flags,
    words,
    negatable,
    required,
    repeatable,
  })),
})

function listed(extensions: readonly Extension[], io: Io): string {
  const rows = (['match', 'target'] as const).flatMap((kind): Row[] => [
    { indent: 0, text: kind === 'match' ? 'matches' : 'targets', tone: 'strong' },
    ...extensions
      .filter(extension => extension.kind === kind)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, summary, family }): Row => {
        const only = family === undefined ? '' : ` (${family} only)`
        return { indent: 2, labels: [[name, 14]], text: `${summary}${only}` }
      }),
  ])
  return `${layout(rows, io.columns, paintFor(io.color))}\n`
}

function described(extension: Extension, io: Io): string {
  const { kind, name, summary, doc, kernel, family, tables, hooks, protos, options } = extension
  const row = (label: string, text: string): Row => ({ indent: 2, labels: [[label, 10]], text })
  const rows: Row[] = [{ indent: 0, text: `${kind} ${name}: ${summary}`, tone: 'strong' }]
  if (doc) rows.push(row('', doc.replace(/\s+/g, ' ')))
  if (family) rows.push(row('family', family))
  if (tables) rows.push(row('tables', tables.join(', ')))
  if (hooks) rows.push(row('hooks', hooks.join(', ')))
  if (protos) rows.push(row('needs', protos.map(proto => `-p ${protoName(proto)}`).join(' or ')))
  for (const { flags, words, negatable, required, repeatable } of Object.values(options)) {
    const [least, most] = typeof words === 'number' ? [words, words] : words
    const values = Array.from({ length: most }, (_, i) => (i < least ? ' VALUE' : ' [VALUE]')).join('')
    const notes = [required && 'required', repeatable && 'may be repeated'].filter(Boolean).join(', ')
    const text = `${negatable ? '[!] ' : ''}${flags.join(', ')}${values}${notes && `   (${notes})`}`
    rows.push(row('option', text))
  }
  rows.push(row('kernel', kernel))
  return `${layout(rows, io.columns, paintFor(io.color))}\n`
}
