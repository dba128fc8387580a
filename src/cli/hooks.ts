import type { Command } from 'commander'
import { hookTable } from '../netfilter/hook-table.js'
import type { Io } from './io.js'
import type { Finish } from './run.js'
import { formatOption } from './options.js'

/** `nfsim hooks`: who listens at each hook, in the order in which they are asked. */
export function addHooks(program: Command, io: Io, finish: Finish): void {
  program
    .command('hooks')
    .description('print the hook table: who is asked at each hook, in order of priority')
    .addOption(formatOption(['text', 'json']))
    .action(({ format }: { format: string }) => {
      const rows = hookTable()
      if (format === 'json') io.out(`${JSON.stringify(rows, null, 1)}\n`)
      else {
        let hook = ''
        for (const row of rows) {
          const name = row.hook === hook ? '' : row.hook
          hook = row.hook
          const family = row.family === undefined ? '' : `  (${row.family})`
          io.out(`${name.padEnd(12)} ${String(row.priority).padStart(11)}  ${row.name}${family}\n`)
        }
      }
      finish(0)
    })
}
