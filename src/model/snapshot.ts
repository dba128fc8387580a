import type { Family, Ip } from '../values/ip.js'
import type { Prefix } from '../values/prefix.js'
import type { Iface } from './iface.js'
import type { IpSet } from './ipset.js'
import type { IpvsConnectionLine, IpvsTable } from './ipvs.js'
import type { Problem } from './place.js'
import type { FdbEntry, Neighbour, PolicyRule, Route } from './route.js'
import type { Ruleset } from './ruleset.js'

/** A socket that answers: a line of `ss -Hlntu`. */
export interface Listener {
  readonly proto: 'tcp' | 'udp' | 'sctp'
  /** undefined: any address (`0.0.0.0`, `*`). */
  readonly address?: Ip
  readonly port: number
  /** Which families it takes: `0.0.0.0` v4, `[::]` v6 (and v4 unless v6only), `*` both. */
  readonly families: readonly Family[]
  readonly dev?: string
  readonly text: string
}

/** An entry of `conntrack -L` at the moment of the snapshot. */
export interface ConntrackLine {
  readonly proto: number
  readonly timeout: number
  readonly state?: string
  readonly original: TupleText
  readonly reply: TupleText
  readonly unreplied: boolean
  readonly assured: boolean
  readonly mark: number
  readonly zone: number
  /** `zone-orig=`, `zone-reply=`: it counts in one direction alone. */
  readonly zoneOnly?: 'original' | 'reply'
  readonly helper?: string
  readonly text: string
}
export interface TupleText {
  readonly src: Ip
  readonly dst: Ip
  readonly sport?: number
  readonly dport?: number
  readonly icmpType?: number
  readonly icmpCode?: number
  readonly icmpId?: number
}

/** A network namespace: a machine's own, or a pod's. */
export interface Netns {
  /** Unique in the snapshot: the folder's name, or NODE/POD where two nodes have a pod of one name. */
  readonly name: string
  /** The folder's own name, without the node. */
  readonly folder: string
  /** Name of the node that it lives on. */
  readonly node: string
  readonly isHost: boolean
  readonly ifaces: readonly Iface[]
  readonly routes: readonly Route[]
  readonly rules: readonly PolicyRule[]
  readonly neighbours: readonly Neighbour[]
  readonly fdb: readonly FdbEntry[]
  /** `net.ipv4.ip_forward` → `1`. A key that is absent here was not in the dump. */
  readonly sysctl: Readonly<Record<string, string>>
  /** What was supposed of keys that no dump tells, where it is not the kernel's own default; ask `sysctlOf`. */
  readonly sysctlAssumed?: Readonly<Record<string, string>>
  readonly rulesets: readonly Ruleset[]
  readonly sets: readonly IpSet[]
  readonly listeners: readonly Listener[]
  /** False: `ss` was not dumped, so any port is assumed to answer (and the answer says so). Absent: known. */
  readonly listenersKnown?: boolean
  readonly conntrack: readonly ConntrackLine[]
  readonly ipvs?: IpvsTable
  /** `ipvsadm -Lnc` at the moment of the snapshot. */
  readonly ipvsConnections?: readonly IpvsConnectionLine[]
  /** Names of loaded modules; undefined: `lsmod` was not dumped. */
  readonly modules?: readonly string[]
  /** Which files were read, by their plain name (`ip-route.txt`), so that a finding can name them. */
  readonly files: Readonly<Record<string, string>>
}

/** A node: its own namespace comes first. */
export interface Node {
  readonly name: string
  readonly namespaces: readonly Netns[]
}

/** Two or more devices on one cable or switch. */
export interface Wire {
  readonly ends: readonly { readonly netns: string; readonly iface: string }[]
  readonly why: string
}

/** A name that a question can use: `pod`, `svc`. */
export interface Endpoint {
  readonly netns?: string
  readonly address?: Ip
  readonly port?: number
}

export interface Expectation {
  readonly title: string
  readonly src: string
  readonly dst: string
  readonly proto?: string
  readonly dport?: number
  readonly sport?: number
  readonly set?: readonly string[]
  readonly apply?: readonly string[]
  readonly outcome: string
  readonly seen?: string
  readonly finding?: string
}

/** Something to try: what-if edits under one title. */
export interface Fix {
  readonly title: string
  /** As `--set` takes it: `[NODE:]sysctl=value`. */
  readonly set: readonly string[]
  /** Files, as `--apply` takes them. */
  readonly apply: readonly string[]
}

/** The world at rest. Frozen after loading; plain data, no cycles, references by name. */
export interface Snapshot {
  readonly title: string
  readonly nodes: readonly Node[]
  readonly wires: readonly Wire[]
  readonly endpoints: Readonly<Record<string, Endpoint>>
  readonly clusterCidrs: readonly Prefix[]
  readonly serviceCidrs: readonly Prefix[]
  /** `6.18`; facts that differ between versions ask it. */
  readonly kernel: string
  readonly expectations: readonly Expectation[]
  readonly fixes?: readonly Fix[]
  /** `default: true` in snapshot.yaml. */
  readonly isDefault?: boolean
  /** How often a client repeats an unanswered packet. */
  readonly retries: number
  /** What was supposed where the dumps say nothing. */
  readonly assumptions: readonly string[]
  readonly problems: readonly Problem[]
}
