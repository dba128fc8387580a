/** The world outside a command: all that tests replace. */
export interface Io {
  out(text: string): void
  err(text: string): void
  /** Standard input, as it comes. */
  stdin(): AsyncIterable<Uint8Array>
  /** Width of the terminal, 80 where there is none. */
  readonly columns: number
  readonly color: boolean
}
