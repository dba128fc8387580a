import type { ConntrackEntry, CtInfo } from '../conntrack/entry.js'
import type { Packet } from '../model/packet.js'
import type { Route } from '../model/route.js'
import type { Ip } from '../values/ip.js'
import type { Ends } from './ends.js'

/** What a route lookup came to. */
export interface RouteResult {
  readonly type: Route['type']
  /** Device to leave by; for `local` the device that holds the route (lo where it is a local delivery). */
  readonly dev: string
  readonly via?: Ip
  /** Preferred source address, chosen as fib_select_default / inet_select_addr do. */
  readonly src?: Ip
  readonly route?: Route
  readonly onlink?: boolean
}

export type ConntrackRef =
  | { readonly kind: 'tracked'; readonly entry: ConntrackEntry; readonly info: CtInfo }
  | { readonly kind: 'untracked' }
  /**
   * An error or reset about a packet that is untracked: nf_conntrack_attach() gives it IP_CT_RELATED of no connection.
   * Rules see no connection, those of raw can't choose one any more, and conntrack looks at it as at any other.
   */
  | { readonly kind: 'detached' }
  /**
   * A CT target has chosen a zone (or helper) before conntrack ran. Until it does, the rule's template stands for the
   * connection: rules of raw see its empty tuples, and its mark, which they may set for those that come later.
   */
  | {
      readonly kind: 'template'
      readonly entry: ConntrackEntry
      readonly zone: number
      readonly zoneOnly?: 'original' | 'reply'
      /** NF_CT_FLAG_MARK: the zone is the mark that the packet has once conntrack sees it. */
      readonly zoneFromMark?: true
      readonly helper?: string
    }

/** nf_ct_get(): the connection that rules see, be it a template. */
export const connectionOf = ({ ct }: { readonly ct?: ConntrackRef }): ConntrackEntry | undefined =>
  ct?.kind === 'tracked' || ct?.kind === 'template' ? ct.entry : undefined

/** Who sent a local packet, for `-m owner` and for routing by uid. */
export interface SocketOwner {
  readonly uid?: number
  readonly gid?: number
}

/**
 * A packet and what the kernel knows about it here (struct sk_buff). Replaced by spread, never edited, so an
 * event may keep the one that it saw. No `ct`: INVALID, or conntrack has not run yet.
 */
export interface Skb {
  readonly packet: Packet
  /** skb->dev while the packet comes in. */
  readonly dev?: string
  readonly mark: number
  readonly priority: number
  readonly pktType: 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'outgoing' | 'loopback'
  readonly ct?: ConntrackRef
  readonly route?: RouteResult
  /** Set while br_netfilter looks after the packet: the ports that `-m physdev` sees (struct nf_bridge_info). */
  readonly bridgeNf?: {
    readonly physIn?: string
    readonly physOut?: string
    /** ip_sabotage_in() has had it: the tables of PREROUTING were passed as a bridged frame. */
    readonly inPrerouting: boolean
    readonly sabotaged: boolean
    /** The MAC source and the bridge, kept for DNAT on a bridge. */
    readonly bridge: string
  }
  /** The bridge port that a frame came in by, whether or not br_netfilter looks on. */
  readonly port?: string
  /** IPSKB_DOREDIRECT: its sender is to be told of a better way. */
  readonly redirect?: boolean
  /** skb->hash, where the socket that sent it is a connected one and has drawn it (sk_txhash); goes along over veth. */
  readonly hash?: number
  readonly ipvsProperty?: boolean
  readonly owner?: SocketOwner
  /** The kernel itself made it (ICMP error, RST): no socket. */
  readonly noSocket?: boolean
  /** With `noSocket`: no program's, but one of the kernel's own (its ICMP, its resets): it exists, and has no user. */
  readonly kernelSocket?: boolean
  /** It goes to a group that its own machine belongs to, which has had its copy. */
  readonly heard?: boolean
  /** TEE made it. */
  readonly isCopy?: boolean
  /** Device it came in by; forwarded packets keep it to POSTROUTING (trace prints it as IN=). */
  readonly inDev?: string
  /** Neighbour discovery over devices whose groups are not simulated: the device that hears it. */
  readonly straightTo?: { readonly netns: string; readonly iface: string }
  /** TPROXY: the socket that it was given to: the open one between these ends, or one that listens there. */
  readonly tproxy?: Ends | { readonly address: Ip; readonly port: number }
}
