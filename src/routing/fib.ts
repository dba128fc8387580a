import { cached } from '../values/cached.js'
import {
  type Nexthop,
  type Route,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
  type PolicyRule,
} from '../model/route.js'
import { type Bits, type Family, type Ip, ipBits, widthOf } from '../values/ip.js'
import { isLimitedBroadcast, isMulticast, isThisNetwork } from '../run/here.js'
import { contains, maskBits } from '../values/prefix.js'
import { masked } from '../values/mark.js'

/** What the lookup may go by: struct flowi4. */
export interface FlowKey {
  readonly src?: Ip
  readonly dst: Ip
  readonly mark: number
  readonly tos?: number
  readonly iif?: string
  readonly oif?: string
  /** The device that a route must lead by, whatever rules ask (RT6_LOOKUP_F_IFACE). */
  readonly link?: string
  readonly proto?: number
  readonly sport?: number
  readonly dport?: number
}

export interface FibResult {
  readonly route: Route
  readonly nexthop?: Nexthop
  readonly rule?: PolicyRule
}

/** Why there is no usable route: the error that fib_lookup() gives, and that a program hears. */
export type Errno = 'ENETUNREACH' | 'EHOSTUNREACH' | 'EACCES' | 'EINVAL'
export type FibFailure = {
  readonly error: Errno
  readonly because: string
}
export type FibAnswer = FibResult | FibFailure
export const failed = (a: FibAnswer): a is FibFailure => 'error' in a

type Level = { readonly length: number; readonly mask: Bits; readonly routes: Map<string, Route[]> }

/** One routing table as a list of prefix lengths, longest first, each a map by network. */
class Trie {
  readonly levels: Level[] = []
  constructor(routes: readonly Route[], family: Family) {
    const byLength = new Map<number, Map<string, Route[]>>()
    for (const r of routes) {
      const level = cached(byLength, r.prefix.length, () => new Map<string, Route[]>())
      const key = keyUnder(ipBits(r.prefix.base), maskBits(family, r.prefix.length))
      const list = level.get(key)
      if (list) list.push(r)
      else level.set(key, [r])
    }
    for (let length = widthOf(family); length >= 0; length--) {
      const level = byLength.get(length)
      if (!level) continue
      for (const list of level.values()) list.sort((a, b) => a.metric - b.metric)
      this.levels.push({ length, mask: maskBits(family, length), routes: level })
    }
  }
  /** Candidates for an address, best first. */
  *candidates(bits: Bits): Generator<Route> {
    for (const level of this.levels) {
      const list = level.routes.get(keyUnder(bits, level.mask))
      if (list) yield* list
    }
  }
}

const keyUnder = (bits: Bits, mask: Bits): string =>
  bits.length === 1 ? String((bits[0]! & mask[0]!) >>> 0) : bits.map((w, i) => (w & mask[i]!) >>> 0).join(':')

const DEFAULT_RULES = (family: Family): PolicyRule[] =>
  [
    [0, TABLE_LOCAL, 'local'],
    [32766, TABLE_MAIN, 'main'],
    ...(family === 'ipv4' ? [[32767, TABLE_DEFAULT, 'default']] : []),
  ].map(([priority, table, name]) => ({
    family,
    priority: priority as number,
    not: false,
    action: 'lookup' as const,
    table: table as number,
    text: `${priority}:\tfrom all lookup ${name}`,
  }))

/** Policy rules and tables of one family in one namespace: fib_lookup() (net/ipv4/fib_rules.c, fib_trie.c). */
export class Fib {
  private readonly tables = new Map<number, Trie>()
  private readonly rules: readonly PolicyRule[]

  constructor(
    readonly family: Family,
    routes: readonly Route[],
    rules: readonly PolicyRule[],
    private readonly usable: (dev: string) => boolean,
  ) {
    const byTable = new Map<number, Route[]>()
    for (const r of routes) {
      if (r.family !== family) continue
      const list = byTable.get(r.table)
      if (list) list.push(r)
      else byTable.set(r.table, [r])
    }
    for (const [table, list] of byTable) this.tables.set(table, new Trie(list, family))
    const own = rules.filter(r => r.family === family)
    this.rules = (own.length > 0 ? own : DEFAULT_RULES(family)).toSorted((a, b) => a.priority - b.priority)
  }

  /** `choose` picks among equal nexthops (multipath). */
  lookup(
    key: FlowKey,
    choose: (route: Route, usable: readonly Nexthop[]) => Nexthop | undefined = (_, u) => u[0],
  ): FibAnswer {
    const bits = ipBits(key.dst)
    for (let i = 0; i < this.rules.length; i++) {
      const rule = this.rules[i]!
      if (ruleMatches(rule, key) === rule.not) continue
      if (rule.action === 'goto') {
        const at = this.rules.findIndex(r => r.priority >= (rule.goto ?? Number.POSITIVE_INFINITY))
        if (at < 0) break
        if (at > i) i = at - 1
        continue
      }
      if (rule.action === 'nop') continue
      if (rule.action !== 'lookup')
        return { error: ERRORS[rule.action], because: `ip rule «${rule.text.trim()}» says ${rule.action}` }
      const found = this.inTable(rule.table ?? TABLE_MAIN, bits, key, rule, choose)
      if (found) return found
    }
    return { error: 'ENETUNREACH', because: `no route to ${key.dst}` }
  }

  /** One table alone. undefined: not here, ask the next rule. */
  private inTable(
    table: number,
    bits: Bits,
    key: FlowKey,
    rule: PolicyRule | undefined,
    choose: (route: Route, usable: readonly Nexthop[]) => Nexthop | undefined,
  ): FibAnswer | undefined {
    const trie = this.tables.get(table)
    if (!trie) return undefined
    for (const route of trie.candidates(bits)) {
      if (rule?.suppressPrefixLength !== undefined && route.prefix.length <= rule.suppressPrefixLength)
        continue
      switch (route.type) {
        case 'throw':
          return undefined
        case 'blackhole':
        case 'unreachable':
        case 'prohibit':
          return {
            error: ERRORS[route.type],
            because: `the best route to ${key.dst} is «${route.text.trim()}»`,
          }
      }
      if (route.nexthops.length === 0) return { route, ...(rule ? { rule } : {}) }
      // our own addresses stay ours on a device that is down (kube-ipvs0 always is)
      const own = route.type === 'local'
      const up = route.nexthops.filter(
        n =>
          n.dev !== undefined &&
          (own || this.usable(n.dev)) &&
          (key.oif === undefined || n.dev === key.oif) &&
          (key.link === undefined || n.dev === key.link),
      )
      if (up.length === 0) continue
      const nexthop = up.length > 1 ? choose(route, up) : up[0]
      return { route, ...(nexthop ? { nexthop } : {}), ...(rule ? { rule } : {}) }
    }
    return undefined
  }

  /**
   * The type that the local table alone gives an address (inet_dev_addr_type()): unicast where it knows nothing, or where
   * another device than the one that is asked about has it.
   */
  addressType(address: Ip, dev?: string): Route['type'] {
    if (this.family === 'ipv4') {
      if (isLimitedBroadcast(address) || isThisNetwork(address)) return 'broadcast'
      if (isMulticast(address)) return 'multicast'
    }
    const [route] = this.tables.get(TABLE_LOCAL)?.candidates(ipBits(address)) ?? []
    return route && (dev === undefined || route.nexthops[0]?.dev === dev) ? route.type : 'unicast'
  }

  /**
   * The types that the routes give an IPv6 address, of those that only they can tell (match_lookup_rt6()): asked about a
   * device, they must lead there.
   */
  addressTypes6(address: Ip, dev?: string): ('unreachable' | 'local' | 'anycast')[] {
    const answer = this.lookup({ dst: address, mark: 0, ...(dev === undefined ? {} : { oif: dev }) })
    if (failed(answer)) return ['unreachable']
    const { type } = answer.route
    return type === 'local' || type === 'anycast' ? [type] : []
  }
}

/** fib4_rule_action(): which errno a rule or route of this type means. */
const ERRORS = { blackhole: 'EINVAL', unreachable: 'EHOSTUNREACH', prohibit: 'EACCES' } as const

function ruleMatches(rule: PolicyRule, key: FlowKey): boolean {
  if (rule.from && !(key.src !== undefined && contains(rule.from, key.src)) && rule.from.length > 0)
    return false
  if (rule.to && !contains(rule.to, key.dst)) return false
  // a lookup for a local program has iif lo
  if (rule.iif !== undefined && rule.iif !== (key.iif ?? 'lo')) return false
  if (rule.oif !== undefined && rule.oif !== key.oif) return false
  if (rule.fwmark && masked(key.mark ^ rule.fwmark.value, rule.fwmark.mask) !== 0) return false
  if (rule.tos !== undefined && rule.tos !== 0 && rule.tos !== (key.tos ?? 0)) return false
  if (rule.ipproto !== undefined && rule.ipproto !== key.proto) return false
  const inRange = (range: { from: number; to: number } | undefined, port: number | undefined): boolean =>
    !range || (port !== undefined && port >= range.from && port <= range.to)
  return inRange(rule.sport, key.sport) && inRange(rule.dport, key.dport)
}
