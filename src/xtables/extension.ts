import type { Hook } from '../netfilter/hook.js'
import type { Packet } from '../model/packet.js'
import type { Args, Backend, Rule } from '../model/ruleset.js'
import type { Netns } from '../model/snapshot.js'
import type { Ends } from '../skb/ends.js'
import type { Skb } from '../skb/skb.js'
import type { Family, Ip } from '../values/ip.js'
import type { Prefix } from '../values/prefix.js'
import type { OptionSpec, OptionSpecs, ArgsOf, ReadContext } from './options.js'

/** true, false, or: it hangs on something that the snapshot does not tell. */
export type Truth = boolean | 'unknown'

export const and = (a: Truth, b: Truth): Truth =>
  a === false || b === false ? false : a === 'unknown' || b === 'unknown' ? 'unknown' : true
export const negate = (a: Truth, not: boolean): Truth => (not && a !== 'unknown' ? !a : a)

/** A counter, a bucket, a list of addresses: what a rule's extension remembers between packets. Keyed by what it says. */
export interface Memory {
  /** The state under a key, made by `fresh` at first use. Private to one run and namespace. */
  get<T extends object>(key: object | string, fresh: () => T): T
}

/** Everything that an extension may look at. It changes nothing but its own memory. */
export interface RuleEnv {
  readonly skb: Skb
  readonly hook: Hook
  readonly table: string
  readonly family: Family
  readonly backend: Backend
  /** `state->in` and `state->out`: the bridge, for bridged frames. */
  readonly in?: string
  readonly out?: string
  readonly netns: Netns
  readonly rule: Rule
  readonly memory: Memory
  /** Virtual time in seconds since the run began. */
  readonly now: number
  /** What time it is, in seconds since 1970 (UTC); absent: nobody told. */
  readonly clock?: number
  /** Chance comes in through the door: asks for one of `options` (the first is the default). */
  choose(at: string, options: readonly string[], weights?: readonly number[]): number
  /**
   * The types that the FIB gives an address (`local`, `broadcast` …), on one device only if asked: one of IPv4
   * (inet_dev_addr_type()), those that only routes can tell of IPv6 (match_lookup_rt6()).
   */
  addressTypes(address: Ip, dev?: string): readonly string[]
  /** Addresses of a device of this namespace, primary first. */
  addressesOf(dev: string): readonly Ip[]
  /** ip_vs_conn_out_get() as xt_ipvs asks it: the IPVS connection to whose real server this packet is going. */
  ipvsConnection?(packet: Packet): IpvsSeen | undefined
  /** inet_lookup(), udp4_lib_lookup(): the socket here that would take what comes to these ends. */
  socketAt(ends: Ends): SocketSeen | undefined
  /** The smaller of what fits on the way on and on the way back, in bytes: dst_mtu() and tcpmss_reverse_mtu(). */
  pathMtu?(): number | undefined
  /** dst->tclassid: the realms of the packet's route, FROM << 16 | TO; undefined: a dump does not tell. */
  realms(): number | undefined
  /** fib_lookup() as xt_rpfilter does it: would a packet to `skb`'s source leave by the device it came in? */
  reversePathOk(options: { loose: boolean; validMark: boolean; acceptLocal: boolean }): Truth
}

/** What `-m socket` and TPROXY may ask of a socket. */
export interface SocketSeen {
  readonly name: string
  /** It belongs to one pair of ends, and does not wait for more. */
  readonly isConnected: boolean
  /** It is bound to no address of its own. */
  readonly isWildcard: boolean
  readonly transparent: Truth
}

/** What `-m ipvs` may ask of a connection. */
export interface IpvsSeen {
  readonly vaddr: Ip
  readonly vport: number
  readonly method: 'Masq' | 'Route' | 'Tunnel' | 'Local' | 'Bypass'
  /** Virtual port of the template that controls it; a connection of a service that is not persistent has none. */
  readonly template?: { readonly vport: number }
}

export type Outcome =
  /** XT_CONTINUE, maybe with a changed packet. */
  | {
      readonly kind: 'continue'
      readonly skb?: Skb
      readonly copy?: PacketCopy
    }
  | {
      readonly kind: 'verdict'
      readonly verdict: 'ACCEPT' | 'DROP' | 'RETURN' | 'QUEUE'
      readonly skb?: Skb
      readonly because?: string
    }
  /** nf_nat_setup_info() is asked to bind this connection; the manip follows from the hook. */
  | {
      readonly kind: 'nat'
      readonly manip: 'src' | 'dst'
      readonly range: NatRange
      readonly masquerade?: boolean
    }
  /** The packet is dropped and an error packet is made. */
  | { readonly kind: 'reject'; readonly how: RejectWith; readonly skb?: Skb }
  | { readonly kind: 'unknown'; readonly because: string }

/** A copy of the packet goes to this machine, by this device if one is named. */
export interface PacketCopy {
  readonly gateway: Ip
  readonly dev?: string
}

export type RejectWith =
  | { readonly kind: 'tcp-reset' }
  | { readonly kind: 'icmp'; readonly type: number; readonly code: number; readonly name: string }

/** struct nf_nat_range2. */
export interface NatRange {
  readonly minAddress?: Ip
  readonly maxAddress?: Ip
  readonly minPort?: number
  readonly maxPort?: number
  /** `--to-destination :8000-8100/9000` shifts by the distance from this port. */
  readonly basePort?: number
  readonly random?: boolean
  readonly randomFully?: boolean
  readonly persistent?: boolean
  /** NETMAP: keep the host bits, put these network bits in. */
  readonly netmap?: Prefix
}

/** One option as given: the row's key, its value, and whether `!` stood before it. */
export interface GivenOption {
  readonly key: string
  readonly value: unknown
  readonly not: boolean
}

interface Extension<S extends OptionSpecs> {
  /** As a dump spells it. */
  readonly name: string
  readonly summary: string
  /** A short manual text in our own words. */
  readonly doc?: string
  /** Kernel file and function that it follows. */
  readonly kernel: string
  /** Absent: both. */
  readonly family?: Family
  readonly options: S
  /** Where it may stand; absent: anywhere. */
  readonly tables?: readonly string[]
  readonly hooks?: readonly Hook[]
  /** The rule must name one of these protocols (`-p`), not negated. */
  readonly protos?: readonly number[]
  /** What the rows can't say: conflicts, at-least-one. Returns the complaint. */
  check?(
    args: ArgsOf<S>,
    rule: {
      readonly family: Family
      readonly backend: Backend
      readonly proto?: number
      readonly protoNot?: boolean
      /** Where the rule stands; a user chain's name tells nothing of the hook. */
      readonly table?: string
      readonly chain?: string
    },
  ): string | undefined
  /**
   * What the tool itself fills in, after `check`: defaults that it prints, spellings that it joins into another
   * option. The arguments returned are the ones that are kept, printed and given to `match` or `act`.
   */
  complete?(args: ArgsOf<S>, rule: { readonly family: Family; readonly proto?: number }): ArgsOf<S>
  /**
   * In place of the option-by-option reading, where the order of options has meaning (`--next` of policy).
   * @throws BadValue
   */
  assemble?(given: readonly GivenOption[]): ArgsOf<S>
  /** All words in place of the option-by-option printing, ready quoted: for what no order of rows can print. */
  save?(args: ArgsOf<S>, context: ReadContext): readonly string[]
}

export interface MatchExtension<S extends OptionSpecs = OptionSpecs> extends Extension<S> {
  readonly kind: 'match'
  /** Names whose `-m` is this extension under another name (`physdev` none; `state` of conntrack none). */
  match(env: RuleEnv, args: ArgsOf<S>): Truth
  /** The values that were compared, as a sentence that stands alone: `dport 443 is not in 80,8080`. Built only when shown. */
  because(env: RuleEnv, args: ArgsOf<S>): string
}

export interface TargetExtension<S extends OptionSpecs = OptionSpecs> extends Extension<S> {
  readonly kind: 'target'
  act(env: RuleEnv, args: ArgsOf<S>): Outcome
}

export const defineMatch = <const S extends OptionSpecs>(
  m: Omit<MatchExtension<S>, 'kind'>,
): MatchExtension<S> => ({ ...m, kind: 'match' })
export const defineTarget = <const S extends OptionSpecs>(
  t: Omit<TargetExtension<S>, 'kind'>,
): TargetExtension<S> => ({ ...t, kind: 'target' })

export type { Args, ArgsOf, OptionSpec, OptionSpecs }
