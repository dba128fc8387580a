import { Command } from 'commander'
import { addCheck } from './check.js'
import { addCollect } from './collect.js'
import { addExtensions } from './extensions.js'
import { addHooks } from './hooks.js'
import type { Io } from './io.js'
import { addLint } from './lint.js'
import { addParse } from './parse-command.js'
import { reportError } from './report-error.js'
import { addTrace } from './trace.js'
import { addVerify } from './verify.js'
import { version } from './version.js'

/** A command's way to say how the program ends. */
export type Finish = (exitCode: number) => void

/**
 * The whole program, in-process: arguments without `node` and the script, the outside world as `io`.
 * Never throws, never exits; gives the exit code.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let code = 0
  const json = wantsJson(argv)
  const program = new Command('nfsim')
    .description(
      'Walks a packet through the netfilter machine that your dumps describe, both ways, and says where it breaks.',
    )
    .version(version(), '-V, --version')
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: text => io.out(text),
      writeErr: text => io.err(text),
      outputError: (text, write) => {
        if (!json) write(text)
      },
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
    })
    .showSuggestionAfterError(true)
  const finish: Finish = exitCode => {
    code = exitCode
  }
  addTrace(program, io, finish)
  addVerify(program, io, finish)
  addCheck(program, io, finish)
  addCollect(program, io, finish)
  addLint(program, io, finish)
  addParse(program, io, finish)
  addHooks(program, io, finish)
  addExtensions(program, io, finish)
  try {
    if (argv.length === 0) {
      io.err(program.helpInformation())
      return 2
    }
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return reportError(error, io, json)
  }
}

/** Asked of the bare words, because the error may be in the very parsing of options. */
function wantsJson(argv: readonly string[]): boolean {
  return argv.some((word, at) => word === '--format=json' || (word === '--format' && argv[at + 1] === 'json'))
}
