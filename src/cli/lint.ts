import type { Command } from 'commander'
import { CHECKS, lint } from '../diagnosis/lint/lint.js'
import { didYouMean } from '../parse/problems.js'
import { renderCheckPage, renderLint, renderSarif } from '../render/lint.js'
import { EXIT } from './exit-codes.js'
import { addEditOptions, type EditOptions, experiment } from './experiment.js'
import type { Io } from './io.js'
import { formatOption } from './options.js'
import { paintFor } from './paint.js'
import type { Finish } from './run.js'
import { addSourceOptions, openSource, type SourceOptions } from './snapshot-source.js'
import { UsageError } from './usage-error.js'
import { version } from './version.js'

const FORMATS = ['text', 'json', 'sarif'] as const

interface LintOptions extends SourceOptions, EditOptions {
  readonly explain?: string
  readonly format: (typeof FORMATS)[number]
}

/** `nfsim lint`: what is wrong or suspicious in a snapshot before any packet. */
export function addLint(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('lint')
    .description('tell what is wrong or suspicious in a snapshot before any packet')
  addEditOptions(addSourceOptions(command))
    .option('--explain <id>', 'the page of one check')
    .addOption(formatOption(FORMATS))
    .action(async (options: LintOptions) => {
      if (options.explain !== undefined) return io.out(pageOf(options.explain))
      const { set: _, ...source } = options
      const snapshot = await openSource(source, io)
      const findings = lint(experiment(snapshot, options)?.after ?? snapshot)
      if (options.format === 'json') io.out(`${JSON.stringify(findings, null, 1)}\n`)
      else if (options.format === 'sarif') io.out(renderSarif(findings, CHECKS, version()))
      else io.out(renderLint(findings, io.columns, paintFor(io.color)))
      finish(findings.some(finding => finding.severity !== 'info') ? EXIT.broken : EXIT.works)
    })
}

function pageOf(id: string): string {
  const check = CHECKS.find(known => known.id === id)
  if (check) return renderCheckPage(check)
  const ids = CHECKS.map(known => known.id)
  throw new UsageError(
    'unknown-check',
    `error: --explain ${id}: no such check${didYouMean(id, ids)} (there are ${ids.join(', ')})`,
  )
}
