import { EXIT } from './exit-codes.js'

/** The command line or a question makes no sense. The message is for people and says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly exitCode: number = EXIT.usage
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** A file that could not be read, or holds something else than it should. */
export class FileError extends Error {
  override readonly name = 'FileError'
  readonly exitCode: number = EXIT.input
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}
