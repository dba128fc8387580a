/** Where a thing stands in the input, for messages and findings. Lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column?: number
}

/** Something wrong with the input: what, where, and the line itself for the caret. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
  /** The offending line, as written (shortened if it is huge). */
  readonly source: string
  /** How many characters of the line were left out before `source`; absent: none. */
  readonly sourceOffset?: number
  readonly severity: 'error' | 'warning'
}
