import type { Packet } from '../model/packet.js'
import type { PacketTrace } from '../trace/events.js'
import type { Ip } from '../values/ip.js'

export type FlowProto = 'tcp' | 'udp' | 'icmp' | 'sctp'

/** A question as people ask it: names, addresses, `address:port`. */
export interface Flow {
  readonly src: string
  readonly dst: string
  readonly proto?: FlowProto
  readonly sport?: number
  readonly dport?: number
  /** Bytes of the question, for path MTU questions. */
  readonly payload?: number
}

/** The question once names are resolved. */
export interface ResolvedFlow {
  /** As asked, for the answer. */
  readonly asked: Flow
  /** Namespace that the client program runs in. */
  readonly netns: string
  /** Source address, where the question binds one; otherwise the kernel chooses. */
  readonly bind?: Ip
  readonly dst: Ip
  readonly proto: FlowProto
  readonly sport: number
  readonly dport: number
  /** Bytes of the question; 1 (an echo request: 56) where nothing is said. */
  readonly payload?: number
}

/** What the client program sees. */
export type FlowOutcome =
  | 'ok'
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'host-unreachable'
  | 'net-unreachable'
  | 'protocol-unreachable'
  | 'not-permitted'
  | 'unknown'

export interface Choice {
  readonly at: string
  readonly options: number
  readonly taken: number
}

export interface Where {
  readonly node: string
  readonly netns: string
  readonly kind:
    | 'rule'
    | 'policy'
    | 'sysctl'
    | 'module'
    | 'route'
    | 'listener'
    | 'hairpin'
    | 'conntrack'
    | 'ipset'
    | 'ipvs'
    | 'address'
    | 'neighbour'
  readonly detail: string
  readonly file?: string
  readonly line?: number
}

export interface Finding {
  readonly id: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly says: string
  readonly where?: Where
  /** Running numbers of events. */
  readonly evidence: readonly number[]
  /** How to see it on the node. */
  readonly see?: string
  readonly cure?: {
    readonly title: string
    readonly commands: readonly string[]
    readonly undo: readonly string[]
    readonly verified: boolean
  }
}

/** How the same conversation went before, on the state that this one found. */
export interface Earlier {
  /** Virtual time at its end, in seconds. */
  readonly at: number
  readonly outcome: FlowOutcome
  readonly because: string
}

/** The finished answer to one question; frozen data. */
export interface Conversation {
  readonly flow: ResolvedFlow
  readonly outcome: FlowOutcome
  /** One sentence: what ended it, or that the answer came. */
  readonly because: string
  /** The request's source as the server's socket saw it; null if no socket took it. */
  readonly seenByServer: { readonly netns: string; readonly address: Ip; readonly port: number } | null
  readonly packets: readonly PacketTrace[]
  /** `conntrack -L` lines at the end, a list a namespace. Namespaces that track nothing are absent. */
  readonly conntrack: Readonly<Record<string, readonly string[]>>
  /** `ipvsadm -Lnc` lines at the end. */
  readonly ipvs: Readonly<Record<string, readonly string[]>>
  readonly captures: readonly Capture[]
  readonly findings: readonly Finding[]
  readonly assumptions: readonly string[]
  readonly choices: readonly Choice[]
  /** Where the question was repeated: the rounds before this last one. */
  readonly earlier?: readonly Earlier[]
}

/** A packet seen at an interface, as tcpdump would. */
export interface Capture {
  readonly at: number
  readonly netns: string
  readonly iface: string
  readonly dir: 'In' | 'Out'
  /** Index in `packets`. */
  readonly packet: number
  /** The packet as it was on this wire. */
  readonly wire: Packet
}
