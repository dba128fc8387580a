import type { Command } from 'commander'
import { hookTable } from '../netfilter/hook-table.js'
import type { Io } from './io.js'
import { formatOption } from './options.js'
import type { Finish } from './run.js'

/** `nfsim hooks`: who listens at each hook, in the order in which they are asked. */
export function addHooks(program: Command, io: Io, finish: Finish): void {
  program
    .command('hooks')
    .description('print the hook table: who is asked at each hook, in order of priority')
    .addOption(formatOption(['text', 'json']))
    .action(({ format }: { format: string }) => {
      const rows = hookTable()
      if (format === 'json') io.out(`${JSON.stringify(rows, null, 1)}\n`)
      else
        rows.forEach(({ hook, priority, name, kernel }, at) => {
          const label = rows[at - 1]?.hook === hook ? '' : hook
          io.out(`${label.padEnd(12)} ${String(priority).padStart(11)}  ${name.padEnd(12)} ${kernel}\n`)
        })
      finish(0)
    })
}
