/** The world outside a command: all that tests replace. */
export interface Io {
  out(text: string): void
  err(text: string): void
  /** The whole of standard input. */
  stdin(): Promise<Uint8Array>
  /** Width of the terminal, 80 where there is none. */
  readonly columns: number
  readonly color: boolean
}
