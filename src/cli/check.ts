import { join } from 'node:path'
import type { Command } from 'commander'
import { trace } from '../diagnosis/diagnosed.js'
import { listScenarios } from '../node/scenarios.js'
import { type Checked, renderCheck, renderJunit, renderTap } from '../render/check.js'
import { holdTo, type Tools } from '../talk/expectations.js'
import { readEdits } from '../whatif/read-edits.js'
import { whatIfAll } from '../whatif/what-if.js'
import { EXIT } from './exit-codes.js'
import type { Io } from './io.js'
import { formatOption } from './options.js'
import { paintFor } from './paint.js'
import type { Finish } from './run.js'
import { readText } from './read-text.js'
import { openSource, scenarioPath } from './snapshot-source.js'

const FORMATS = ['text', 'json', 'tap', 'junit'] as const

/** `nfsim check`: asks scenarios (or snapshots) the questions that they expect an answer to. */
export function addCheck(program: Command, io: Io, finish: Finish): void {
  program
    .command('check')
    .description('run the expectations of scenarios: all that come with nfsim, or those named')
    .argument('[scenarios...]', 'names, numbers or folders')
    .addOption(formatOption(FORMATS))
    .action(async (names: readonly string[], { format }: { format: (typeof FORMATS)[number] }) => {
      const chosen = names.length > 0 ? names : listScenarios().map(scenario => scenario.name)
      const checked: Checked[] = []
      for (const name of chosen) {
        const path = scenarioPath(name)
        const snapshot = await openSource({ snapshot: path }, io)
        const tools: Tools = {
          ask: (world, flow) => trace(world, flow),
          apply: (world, file) => whatIfAll(world, readEdits(readText(join(path, file)), file)).after,
        }
        const held = snapshot.expectations.map(expectation => holdTo(snapshot, expectation, tools))
        checked.push({ name, held })
      }
      if (format === 'json') io.out(`${JSON.stringify(checked.map(plainData), null, 1)}\n`)
      else if (format === 'tap') io.out(renderTap(checked))
      else if (format === 'junit') io.out(renderJunit(checked))
      else io.out(renderCheck(checked, io.columns, paintFor(io.color)))
      finish(checked.every(({ held }) => held.every(({ holds }) => holds)) ? EXIT.works : EXIT.broken)
    })
}

const plainData = ({ name, held }: Checked) => ({
  name,
  expectations: held.map(({ expectation, holds, says }) => ({ ...expectation, holds, says })),
})
