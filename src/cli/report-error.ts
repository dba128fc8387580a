import { CommanderError } from 'commander'
import { formatProblem, InputError } from '../parse/problems.js'
import { printable } from '../render/escape.js'
import { EXIT } from './exit-codes.js'
import type { Io } from './io.js'

/** What an error tells a script, under `--format json`. */
interface ErrorJson {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly exitCode: number
    readonly problems?: readonly unknown[]
  }
}

/** After so many problems of one input the rest is only counted. */
const SHOWN = 20

/** An error that knows how the program should end: ours all do. */
interface Known {
  readonly code: string
  readonly exitCode: number
  readonly problems?: readonly unknown[]
  /** Words that were perhaps meant. */
  readonly suggestions?: readonly string[]
}

const isKnown = (error: Error): error is Error & Known =>
  'exitCode' in error &&
  typeof error.exitCode === 'number' &&
  'code' in error &&
  typeof error.code === 'string'

/**
 * Tells the user what went wrong, as text or JSON, without a stack trace, and gives the exit code. What nobody
 * foresaw is called what it is: a bug in nfsim.
 */
export function reportError(thrown: unknown, io: Io, json: boolean): number {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (error instanceof CommanderError) {
    // --help and --version end this way as well
    if (error.exitCode === 0) return EXIT.works
    if (json)
      say(io, error.code.replace(/^commander\./, ''), error.message.replace(/^error: /, ''), EXIT.usage)
    return EXIT.usage
  }
  if (error instanceof InputError && !json) {
    for (const problem of error.problems.slice(0, SHOWN))
      io.err(`${formatProblem(problem, io.columns - 4)}\n`)
    if (error.problems.length > SHOWN) io.err(`and ${error.problems.length - SHOWN} more\n`)
    return error.exitCode
  }
  if (isKnown(error)) {
    if (json) say(io, error.code, error.message, error.exitCode, error.problems)
    else io.err(`${lines(error.message)}${perhaps(error.suggestions)}\n`)
    return error.exitCode
  }
  const message = `this is a bug in nfsim, please report it: ${error.name}: ${error.message}`
  if (json) say(io, 'bug', message, EXIT.bug)
  else io.err(`${lines(message)}\n`)
  return EXIT.bug
}

const perhaps = (words: readonly string[] = []): string =>
  words.length === 0 ? '' : `; did you mean ${words.map(printable).join(' or ')}?`

const lines = (text: string): string => text.split('\n').map(printable).join('\n')

function say(io: Io, code: string, message: string, exitCode: number, problems?: readonly unknown[]): void {
  const told: ErrorJson = { error: { code, message, exitCode, ...(problems && { problems }) } }
  io.err(`${JSON.stringify(told)}\n`)
}
