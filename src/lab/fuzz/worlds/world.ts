import type { Host } from '../host.js'

/** A random world, and what rules and flows are drawn from. */
export interface World {
  readonly kind: 'bridge' | 'routed' | 'router' | 'two' | 'kube' | 'ipvs' | 'dump'
  readonly hosts: Host[]
  /** Hosts that have rules. */
  readonly nodes: Host[]
  readonly wires: string[]
  readonly addresses: { readonly v4: readonly string[]; readonly v6: readonly string[] }
  readonly networks: { readonly v4: readonly string[]; readonly v6: readonly string[] }
  /** Names that flows start from. */
  readonly sources: readonly string[]
  /** Addresses of the nodes themselves. */
  readonly own: { readonly v4: readonly string[]; readonly v6: readonly string[] }
  readonly devices: readonly string[]
  readonly ports: readonly string[]
  /** Are there tunnels between its nodes? */
  readonly tunnels?: boolean
  /** What is worth asking for, besides any port of any address. */
  readonly asks?: readonly Ask[]
  /** The rules of a node, where they are not drawn at random. */
  readonly rulesOf?: (node: Host, six: boolean) => string | undefined
  /** Sets that those rules ask for, as `ipset save` prints them. */
  readonly setsOf?: (node: Host) => string
}

export interface Ask {
  readonly dst: string
  readonly proto: 'tcp' | 'udp'
  readonly dport: number
}

export const TCP_PORTS = [80, 8080, 2483] as const
export const UDP_PORTS = [53, 8080] as const
