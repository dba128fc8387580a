import type { Family, Ip } from '../values/ip.js'
import type { Mac } from '../values/mac.js'

export type IfaceKind =
  | 'loopback'
  | 'veth'
  | 'bridge'
  | 'dummy'
  | 'vxlan'
  | 'ipip'
  | 'macvlan'
  | 'ipvlan'
  | 'vlan'
  | 'physical'
  | 'other'

export interface InterfaceAddress {
  readonly address: Ip
  readonly family: Family
  readonly prefixLength: number
  /** The other end of a point-to-point address (`inet A peer B/32`). */
  readonly peer?: Ip
  readonly scope: 'global' | 'link' | 'host' | 'site'
  readonly secondary: boolean
  /** IPv6: its preferred life is over, so it is chosen as a source only where nothing else fits. */
  readonly deprecated?: boolean
  /** IPv6: made by privacy extensions. */
  readonly temporary?: boolean
  /** IPv6: not (or never) found to be unique, so it is not in use. */
  readonly tentative?: boolean
}

/** `bridge -d link` of a port. */
export interface BridgePort {
  readonly hairpin: boolean
  readonly isolated: boolean
  readonly learning: boolean
  /** Whether it takes part when frames are flooded: for addresses that no port is known for, for groups, for all. */
  readonly flood: boolean
  readonly mcastFlood: boolean
  readonly bcastFlood: boolean
  readonly state: 'forwarding' | 'learning' | 'listening' | 'blocking' | 'disabled'
}

/** A port as br_add_if() makes it (net/bridge/br_if.c). */
export const FRESH_PORT: BridgePort = {
  hairpin: false,
  isolated: false,
  learning: true,
  flood: true,
  mcastFlood: true,
  bcastFlood: true,
  state: 'forwarding',
}

export interface VxlanInfo {
  readonly id: number
  readonly local?: Ip
  readonly remote?: Ip
  readonly dev?: string
  readonly port: number
}

export interface Iface {
  readonly name: string
  readonly index: number
  readonly kind: IfaceKind
  readonly mac?: Mac
  readonly mtu: number
  readonly up: boolean
  readonly addresses: readonly InterfaceAddress[]
  /** The other end of a veth pair or the lower device: its ifindex, in its own namespace. */
  readonly linkIndex?: number
  /** True if linkIndex counts in another namespace (`@if2`, `link-netns`). */
  readonly linkElsewhere: boolean
  /** Name of the namespace that holds the other end, where `ip` prints it (`link-netns NAME`). */
  readonly linkNetns?: string
  readonly linkNetnsId?: number
  /** The bridge (or bond, vrf) that this device is enslaved to. */
  readonly master?: string
  readonly bridgePort?: BridgePort
  /** `group`: a number; `default` is 0. Absent: not dumped, or a name that only that machine knows. */
  readonly group?: number
  readonly vxlan?: VxlanInfo
  readonly tunnel?: { readonly local?: Ip; readonly remote?: Ip }
  readonly vlanId?: number
  /** macvlan: bridge, private, vepa, passthru; ipvlan: l2, l3, l3s. Absent: not dumped. */
  readonly mode?: string
  /** ipvlan alone: whether its devices may talk to each other (`private`), or by the switch only (`vepa`). */
  readonly modeFlag?: 'private' | 'vepa'
  /** Of a bridge: do VLANs divide its ports? */
  readonly vlanFiltering?: boolean
  /** The kind as `ip -d link` words it, where `kind` is `other` or lumps several together: `wireguard`, `bond`. */
  readonly typeName?: string
  /** Per-bridge nf_call_* flags of `ip -d link`; they switch bridge-nf on even where the sysctl is 0. */
  readonly nfCall?: { readonly iptables: boolean; readonly ip6tables: boolean; readonly arptables: boolean }
  readonly promisc: boolean
  readonly noarp: boolean
}
