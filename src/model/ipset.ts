/** A set of `ipset save`, its entries as written; membership is decided in `xtables/sets/`. */
export interface IpSet {
  readonly name: string
  /** `hash:ip,port`, `bitmap:port`, `list:set`, … */
  readonly type: string
  readonly family: 'inet' | 'inet6'
  readonly options: Readonly<Record<string, string>>
  readonly entries: readonly SetEntry[]
  readonly line: number
}
export interface SetEntry {
  /** The element, `10.0.0.1,tcp:80`. */
  readonly element: string
  readonly nomatch: boolean
  readonly options: Readonly<Record<string, string>>
}
