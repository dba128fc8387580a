/** What grammar/ipvsadm.peggy makes of a line. */
export type IpvsNode =
  | { readonly kind: 'blank' | 'bad' }
  | { readonly kind: 'heading'; readonly text: string }
  | ServiceNode
  | FwmarkNode
  | ServerNode
  | CommandNode

export interface Endpoint {
  readonly host: string
  readonly port: string
}
export interface PlacedWord {
  readonly word: string
  readonly column: number
}
export interface ServiceNode {
  readonly kind: 'service'
  readonly proto: 'TCP' | 'UDP' | 'SCTP'
  readonly endpoint: Endpoint
  readonly words: readonly PlacedWord[]
}
export interface FwmarkNode {
  readonly kind: 'fwmark'
  readonly mark: string
  readonly words: readonly PlacedWord[]
}
export interface ServerNode {
  readonly kind: 'server'
  readonly endpoint: Endpoint
  readonly words: readonly PlacedWord[]
}
export interface CommandOption {
  readonly flag: string
  readonly words: readonly string[]
  readonly column: number
}
export interface CommandNode {
  readonly kind: 'command'
  readonly options: readonly CommandOption[]
}

/** A line that can't be used, with the column of the word in question. */
export class BadLine extends Error {
  override readonly name = 'BadLine'
  constructor(
    readonly column: number,
    message: string,
  ) {
    super(message)
  }
}
