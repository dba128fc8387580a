import type { IpvsTable } from '../model/ipvs.js'
import type { Ruleset } from '../model/ruleset.js'
import { type Family, type Ip, addToIp, familyOf, ip, parseIp, widthOf } from '../values/ip.js'
import { type Prefix, contains, formatPrefix, networkOf, overlaps, parsePrefix } from '../values/prefix.js'
import { addressAndPort } from './settings-endpoint.js'

/** What the rules and services of a lone dump tell of the world around them, for one family. */
export interface Hints {
  /** DNAT destinations and real servers, each once, in the dump's order. */
  readonly backends: readonly Ip[]
  /** Addresses of IPVS services, which kube-proxy keeps on kube-ipvs0. */
  readonly services: readonly Ip[]
  /** Addresses of IPVS services with a port of the NodePort range: the node's own. */
  readonly ofNode: readonly Ip[]
  /** Prefixes that rules name as source or destination, by how often. */
  readonly networks: ReadonlyMap<string, number>
  /** Addresses that SNAT rules write. */
  readonly sources: readonly Ip[]
  /** Bridges that rules name. */
  readonly bridges: ReadonlySet<string>
}

const MOST_NETWORKS = 500

export function hintsOf(rulesets: readonly Ruleset[], ipvs: IpvsTable | undefined, family: Family): Hints {
  const backends = new Set<Ip>()
  const services = new Set<Ip>()
  const ofNode = new Set<Ip>()
  const sources = new Set<Ip>()
  const networks = new Map<string, number>()
  const bridges = new Set<string>()
  for (const ruleset of rulesets) {
    if (ruleset.family !== family) continue
    for (const table of ruleset.tables)
      for (const chain of table.chains)
        for (const { text } of chain.rules) {
          const to = /--to-(destination|source) (\S+)/.exec(text)
          const place = to ? addressAndPort(to[2]!.replace(/-.*$/, '')) : undefined
          if (place) (to![1] === 'destination' ? backends : sources).add(place.address)
          for (const [, network] of text.matchAll(/ -[sd] (\S+\/\d{1,3})/g))
            if (networks.has(network!) || networks.size < MOST_NETWORKS)
              networks.set(network!, (networks.get(network!) ?? 0) + 1)
          const bridge = / -[io] ((?:cni|docker|cbr|br-|virbr|podman|kube-bridge)[\w.-]*)/.exec(text)?.[1]
          if (bridge !== undefined) bridges.add(bridge)
        }
  }
  for (const service of ipvs?.services ?? []) {
    if (service.id.kind === 'address' && familyOf(service.id.address) === family) {
      const { address, port } = service.id
      services.add(address)
      if (port >= 30000 && port <= 32767) ofNode.add(address)
    }
    for (const { address } of service.realServers) if (familyOf(address) === family) backends.add(address)
  }
  return {
    backends: [...backends],
    services: [...services],
    ofNode: [...ofNode],
    networks,
    sources: [...sources],
    bridges,
  }
}

/** The pods' network and how it was come by. */
export interface PodNetwork {
  readonly prefix: Prefix
  readonly why: string
}

/**
 * The network of the pods: the narrowest that the rules name and that holds most of the backends and of what the question
 * asks about; else the usual /24 (or /64) around the first of these.
 */
export function guessPodNetwork(hints: Hints, asked: readonly Ip[], family: Family): PodNetwork {
  const members = [...hints.backends.slice(0, 200), ...asked.filter(a => familyOf(a) === family)]
  const [least, most] = family === 'ipv4' ? [8, 30] : [16, 124]
  let best: { prefix: Prefix; score: number } | undefined
  for (const text of hints.networks.keys()) {
    const prefix = parsePrefix(text)
    if (!prefix || prefix.length < least || prefix.length > most) continue
    // what holds the services holds no pods
    if (hints.services.some(s => contains(prefix, s)) && !hints.backends.some(b => contains(prefix, b)))
      continue
    const score = members.filter(m => contains(prefix, m)).length
    if (score === 0) continue
    if (!best || score > best.score || (score === best.score && prefix.length > best.prefix.length))
      best = { prefix: { base: networkOf(prefix), length: prefix.length }, score }
  }
  if (best) return { prefix: best.prefix, why: 'the rules name it, and backends lie in it' }
  const first = hints.backends[0] ?? members.find(isPrivate)
  const length = family === 'ipv4' ? 24 : 64
  if (first !== undefined && isPrivate(first))
    return {
      prefix: { base: networkOf({ base: first, length }), length },
      why: `the usual /${length} around ${first}`,
    }
  const base = ip(family === 'ipv4' ? '10.244.1.0' : 'fd00:10:244:1::')
  return { prefix: { base, length }, why: 'nothing tells it' }
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(
  p => parsePrefix(p)!,
)
export const isPrivate = (address: Ip): boolean => PRIVATE.some(p => contains(p, address))

/** The node's own address with its network: as given, as SNAT rules write it, or made up outside the pods' network. */
export function guessNodeAddress(
  given: string | undefined,
  hints: Hints,
  pods: Prefix,
  family: Family,
): Prefix & { why: string } {
  const length = family === 'ipv4' ? 24 : 64
  const asked = given === undefined ? undefined : parsePrefix(given)
  if (asked && familyOf(asked.base) === family)
    return {
      base: asked.base,
      length: asked.length === widthOf(family) ? length : asked.length,
      why: 'given',
    }
  const nodePort = hints.ofNode.find(a => !contains(pods, a) && !a.startsWith('127.'))
  if (nodePort !== undefined) return { base: nodePort, length, why: 'NodePort services have it' }
  const source = hints.sources.find(s => !contains(pods, s) && isPrivate(s))
  if (source !== undefined) return { base: source, length, why: 'SNAT rules write it' }
  const free = (
    family === 'ipv4'
      ? ['192.168.50.10', '172.31.50.10', '10.250.50.10']
      : ['fd00:192:168:50::10', 'fd50::10']
  )
    .map(text => ip(text))
    .find(address => !overlaps(pods, { base: address, length }))
  return { base: free ?? ip(family === 'ipv4' ? '198.18.50.10' : 'fd51::10'), length, why: 'made up' }
}

/** The n-th address of a network that is not in use; the first is the bridge's own. */
export function freeAddress(network: Prefix, used: ReadonlySet<Ip>): Ip {
  const first = networkOf(network)
  for (let n = 1; n < 4096; n++) {
    const address = addToIp(first, n)
    if (!contains(network, address)) break
    if (!used.has(address)) return address
  }
  return addToIp(first, 1)
}

/** The address in a question's src or dst, where it is one. */
export const askedAddress = (text: string | undefined): Ip | undefined =>
  text === undefined ? undefined : (parseIp(text) ?? addressAndPort(text)?.address)

export const prefixText = (prefix: Prefix): string =>
  formatPrefix({ base: networkOf(prefix), length: prefix.length })
