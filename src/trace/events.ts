import type { Hook } from '../netfilter/hook.js'

export type TraceVerdict = 'ACCEPT' | 'DROP' | 'CONTINUE' | 'RETURN' | 'JUMP' | 'GOTO' | 'QUEUE' | 'STOLEN'

/** Fields that every event has. `seq` runs through the whole conversation. */
interface Common {
  readonly seq: number
  readonly netns: string
  /** Virtual time, seconds. */
  readonly at: number
}

/** What can be told of a packet. A closed union: renderers switch over `kind` and the compiler lists what is missing. */
export type EventBody =
  /** It entered a namespace (by a device, or was born there). `packet` is its summary at that moment. */
  | { readonly kind: 'hop'; readonly iface?: string; readonly packet: string; readonly born?: string }
  /** It leaves by a device. */
  | { readonly kind: 'transmit'; readonly iface: string; readonly packet: string; readonly to?: string }
  | {
      readonly kind: 'hook'
      readonly hook: Hook
      readonly in?: string
      readonly out?: string
      readonly bridged: boolean
    }
  | { readonly kind: 'hook-skipped'; readonly hook: Hook; readonly because: string }
  | {
      readonly kind: 'rule'
      readonly hook: Hook
      readonly table: string
      readonly chain: string
      readonly number: number
      readonly text: string
      readonly verdict: TraceVerdict
      readonly jump?: string
      readonly file: string
      readonly line: number
      readonly packet: string
    }
  /** A RETURN that the kernel of this snapshot carries out without a line in its trace. */
  | {
      readonly kind: 'return'
      readonly hook: Hook
      readonly table: string
      readonly chain: string
      readonly number: number
      readonly text: string
      readonly file: string
      readonly line: number
    }
  | {
      readonly kind: 'policy'
      readonly hook: Hook
      readonly table: string
      readonly chain: string
      readonly verdict: 'ACCEPT' | 'DROP'
      readonly file: string
      readonly line: number
      readonly packet: string
    }
  | {
      readonly kind: 'tried'
      readonly hook: Hook
      readonly table: string
      readonly chain: string
      readonly number: number
      readonly text: string
      readonly because: string
    }
  /** nat rules are not consulted: the connection is bound already. */
  | { readonly kind: 'table-skipped'; readonly hook: Hook; readonly table: string; readonly because: string }
  | {
      readonly kind: 'rewrite'
      readonly field: string
      readonly from: string
      readonly to: string
      readonly by: string
    }
  | {
      readonly kind: 'mark'
      readonly what: 'packet' | 'connection'
      readonly from: number
      readonly to: number
      readonly by: string
    }
  | {
      readonly kind: 'conntrack'
      readonly action:
        | 'new'
        | 'original'
        | 'reply'
        | 'related'
        | 'invalid'
        | 'untracked'
        | 'confirm'
        | 'drop'
        | 'state'
      readonly entry?: string
      readonly id?: number
      readonly because: string
    }
  | {
      readonly kind: 'nat'
      readonly manip: 'src' | 'dst'
      readonly from: string
      readonly to: string
      readonly nullBinding: boolean
      readonly id: number
      readonly because: string
    }
  | {
      readonly kind: 'route'
      readonly to: string
      readonly result: string
      readonly dev?: string
      readonly via?: string
      readonly text?: string
      readonly because: string
    }
  | { readonly kind: 'rp-filter'; readonly ok: boolean; readonly because: string }
  | {
      readonly kind: 'bridge'
      readonly bridge: string
      readonly action: 'in' | 'forward' | 'flood' | 'up' | 'refused' | 'learn'
      readonly port?: string
      readonly because: string
    }
  | {
      readonly kind: 'neighbour'
      readonly address: string
      readonly dev: string
      readonly mac?: string
      readonly because: string
    }
  | {
      readonly kind: 'ipvs'
      readonly action: 'schedule' | 'connection' | 'translate' | 'drop' | 'skip'
      readonly because: string
      readonly connection?: string
    }
  | { readonly kind: 'encap'; readonly dev: string; readonly because: string }
  | { readonly kind: 'decap'; readonly dev: string; readonly because: string }
  /** A packet is made because of this one (ICMP error, RST, answer). */
  | { readonly kind: 'makes'; readonly packet: string; readonly because: string }
  | {
      readonly kind: 'choice'
      readonly name: string
      readonly options: readonly string[]
      readonly taken: number
    }
  | { readonly kind: 'assume'; readonly about: string; readonly because: string }
  | { readonly kind: 'delivered'; readonly to: string; readonly because: string }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly because: string }

/** Names of enum skb_drop_reason without its prefix; ours, where the kernel has none, start with X_. */
export type DropReason =
  | 'NETFILTER_DROP'
  | 'IP_RPFILTER'
  | 'IP_INNOROUTES'
  | 'IP_OUTNOROUTES'
  | 'IP_INADDRERRORS'
  | 'IP_LOCAL_SOURCE'
  | 'IP_INVALID_SOURCE'
  | 'IP_INVALID_DEST'
  | 'IP_LOCALNET'
  | 'OTHERHOST'
  | 'NEIGH_FAILED'
  | 'NO_SOCKET'
  | 'SOCKET_REFUSED'
  | 'TTL_EXCEEDED'
  | 'PKT_TOO_BIG'
  | 'IFACE_DOWN'
  | 'X_BRIDGE_SAME_PORT'
  | 'X_BRIDGE_ISOLATED'
  | 'X_NO_PEER'
  | 'X_BLACKHOLE'
  | 'X_CONNTRACK'
  | 'X_UNKNOWN'
  | 'X_LOOP'
  | 'X_IPVS'
  | 'X_ICMP_REFUSED'
  | 'X_IGNORED'

export type TraceEvent = Common & EventBody
export type EventKind = EventBody['kind']

/** interface.md section 4: original · reply · related (ICMP errors, neighbour discovery). */
export type PacketDirection = 'original' | 'reply' | 'related'

/** One packet's life, from birth to its end. */
export interface PacketTrace {
  readonly index: number
  readonly direction: PacketDirection
  readonly summary: string
  readonly bornAt: number
  /** Index of the packet inside an encapsulating one. */
  readonly carries?: number
  /** Neighbour discovery: index of the packet that waits for its next hop's address. */
  readonly resolves?: number
  readonly events: readonly TraceEvent[]
}
