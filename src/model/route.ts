import type { Family, Ip } from '../values/ip.js'
import type { Mac } from '../values/mac.js'
import type { Prefix } from '../values/prefix.js'

export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'anycast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw'

export interface Nexthop {
  readonly via?: Ip
  readonly dev?: string
  readonly weight: number
  readonly onlink: boolean
}

export interface Route {
  readonly family: Family
  readonly prefix: Prefix
  readonly type: RouteType
  /** Table id: main is 254, local 255, default 253. */
  readonly table: number
  readonly nexthops: readonly Nexthop[]
  readonly src?: Ip
  readonly metric: number
  readonly scope: 'global' | 'link' | 'host' | 'nowhere'
  readonly proto?: string
  /** The line as `ip route` prints it, for traces and findings. */
  readonly text: string
  readonly line?: number
}

export interface PolicyRule {
  readonly family: Family
  readonly priority: number
  readonly not: boolean
  readonly from?: Prefix
  readonly to?: Prefix
  readonly iif?: string
  readonly oif?: string
  readonly fwmark?: { readonly value: number; readonly mask: number }
  readonly tos?: number
  readonly ipproto?: number
  readonly sport?: { readonly from: number; readonly to: number }
  readonly dport?: { readonly from: number; readonly to: number }
  readonly action: 'lookup' | 'unreachable' | 'blackhole' | 'prohibit' | 'goto' | 'nop'
  readonly table?: number
  readonly goto?: number
  readonly suppressPrefixLength?: number
  readonly text: string
  readonly line?: number
}

export const TABLE_MAIN = 254
export const TABLE_LOCAL = 255
export const TABLE_DEFAULT = 253

export interface Neighbour {
  readonly family: Family
  readonly address: Ip
  readonly dev: string
  readonly mac?: Mac
  /** PERMANENT, REACHABLE, STALE, FAILED, … as `ip neigh` prints it. */
  readonly state: string
  readonly proxy: boolean
}

export interface FdbEntry {
  readonly mac: Mac
  readonly dev: string
  readonly master?: string
  /** Remote VTEP of a vxlan entry. */
  readonly dst?: Ip
  readonly permanent: boolean
  readonly self: boolean
  readonly vlan?: number
}
