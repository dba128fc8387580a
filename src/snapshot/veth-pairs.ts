import type { Iface } from '../model/iface.js'
import type { Netns, Wire } from '../model/snapshot.js'
import { type Ip, widthOf } from '../values/ip.js'
import { contains } from '../values/prefix.js'

/** One end of a wire, with the namespace that it lies in. */
export interface End {
  readonly netns: Netns
  readonly iface: Iface
}
export const endKey = (end: End): string => `${end.netns.name}\n${end.iface.name}`

interface Candidate {
  readonly a: End
  readonly b: End
  readonly score: number
  readonly evidence: readonly string[]
}

/** What a pair within one node may not fall below, and what one across nodes must reach. */
const ENOUGH_AT_HOME = 0
const ENOUGH_ABROAD = 4
/** Two that could be a pair: in no real snapshot so many; a made one must not take for ever. */
const MOST_CANDIDATES = 200_000

/**
 * Finds the veth pairs. Both ends name the other's ifindex (`vetha@if2` is 4, `eth0@if4` is 2), but pods often have the
 * same indexes, and so may a host that hangs on a switch nobody dumped: addresses, forwarding entries, neighbours and
 * namespace names decide. Ends that are taken already are left alone.
 */
export function vethPairs(
  namespaces: readonly Netns[],
  taken: Set<string>,
): { wires: Wire[]; doubts: string[] } {
  const wires: Wire[] = []
  const doubts: string[] = []
  const join = ({ a, b, evidence }: Candidate) => {
    taken.add(endKey(a)).add(endKey(b))
    const ends = [a, b].map(({ netns, iface }) => ({ netns: netns.name, iface: iface.name }))
    wires.push({ ends, why: `veth pair: ${evidence.join('; ')}` })
  }
  for (const pair of pairsInside(namespaces)) if (isFree(pair, taken)) join(pair)
  const candidates = byIndex(namespaces, taken)
    .filter(c => c.score >= (c.a.netns.node === c.b.netns.node ? ENOUGH_AT_HOME : ENOUGH_ABROAD))
    .sort((x, y) => y.score - x.score)
  const byEnd = new Map<string, Candidate[]>()
  for (const candidate of candidates)
    for (const end of [candidate.a, candidate.b]) {
      const list = byEnd.get(endKey(end))
      if (list) list.push(candidate)
      else byEnd.set(endKey(end), [candidate])
    }
  for (const candidate of candidates) {
    if (!isFree(candidate, taken)) continue
    const near = [candidate.a, candidate.b].flatMap(end => byEnd.get(endKey(end)) ?? [])
    const rival = near.find(c => c !== candidate && c.score === candidate.score && isFree(c, taken))
    if (rival)
      doubts.push(`${saying(candidate)} are taken for a pair, but ${saying(rival)} would fit as well`)
    join(candidate)
  }
  for (const pair of byMac(namespaces, taken)) if (isFree(pair, taken)) join(pair)
  return { wires, doubts }
}

const isFree = ({ a, b }: Candidate, taken: ReadonlySet<string>): boolean =>
  !taken.has(endKey(a)) && !taken.has(endKey(b))
const saying = ({ a, b }: Candidate): string =>
  `${a.netns.name}:${a.iface.name} and ${b.netns.name}:${b.iface.name}`

/** Pairs whose ends lie in one namespace: `v0@v1`. */
function pairsInside(namespaces: readonly Netns[]): Candidate[] {
  return namespaces.flatMap(netns => {
    const byNumber = new Map(netns.ifaces.map(i => [i.index, i]))
    return netns.ifaces.flatMap(iface => {
      const peer =
        iface.linkIndex === undefined || iface.linkElsewhere ? undefined : byNumber.get(iface.linkIndex)
      if (!peer || peer.index <= iface.index || iface.kind !== 'veth' || peer.kind !== 'veth') return []
      if (peer.linkElsewhere || peer.linkIndex !== iface.index) return []
      const evidence = [`${iface.name} and ${peer.name} name each other`]
      return [{ a: { netns, iface }, b: { netns, iface: peer }, score: 0, evidence }]
    })
  })
}

/** Every two ends in different namespaces that name each other's index, with what speaks for and against them. */
function byIndex(namespaces: readonly Netns[], taken: ReadonlySet<string>): Candidate[] {
  const ends = new Map<string, End[]>()
  for (const netns of namespaces)
    for (const iface of netns.ifaces) {
      if (iface.linkIndex === undefined || !iface.linkElsewhere || iface.kind !== 'veth') continue
      const end = { netns, iface }
      if (taken.has(endKey(end))) continue
      const key = `${iface.index}:${iface.linkIndex}`
      const list = ends.get(key)
      if (list) list.push(end)
      else ends.set(key, [end])
    }
  const found: Candidate[] = []
  for (const [key, list] of ends) {
    const [own, link] = key.split(':').map(Number)
    if (own! > link!) continue
    const others = ends.get(`${link}:${own}`) ?? []
    for (const [a, b] of crossed(list, others)) {
      if (own === link && endKey(a) >= endKey(b)) continue
      if (found.length >= MOST_CANDIDATES) return found
      const candidate = weigh(a, b)
      if (candidate) found.push(candidate)
    }
  }
  return found
}

/** Ends of one node with each other; those that find nobody at home, with all others. */
function* crossed(list: readonly End[], others: readonly End[]): Generator<readonly [End, End]> {
  const byNode = new Map<string, End[]>()
  for (const end of others) {
    const there = byNode.get(end.netns.node)
    if (there) there.push(end)
    else byNode.set(end.netns.node, [end])
  }
  const served = new Set<End>()
  for (const a of list)
    for (const b of byNode.get(a.netns.node) ?? []) {
      if (a.netns === b.netns) continue
      served.add(a).add(b)
      yield [a, b]
    }
  const alone = others.filter(b => !served.has(b))
  for (const a of list)
    for (const b of served.has(a) ? alone : others) if (a.netns.node !== b.netns.node) yield [a, b]
}

/** Ends without an index (a dump edited by hand): the bridge's own table knows behind which port a MAC lives. */
function byMac(namespaces: readonly Netns[], taken: ReadonlySet<string>): Candidate[] {
  const owners = new Map<string, End[]>()
  for (const netns of namespaces)
    for (const iface of netns.ifaces) {
      if (iface.mac === undefined || iface.linkIndex !== undefined || iface.master !== undefined) continue
      if (iface.kind !== 'veth' && iface.kind !== 'physical') continue
      if (!taken.has(endKey({ netns, iface })))
        owners.set(iface.mac, [...(owners.get(iface.mac) ?? []), { netns, iface }])
    }
  return namespaces.flatMap(netns => {
    const ports = new Map(netns.ifaces.filter(i => i.kind === 'veth').map(i => [i.name, i]))
    return netns.fdb.flatMap(entry => {
      const port = ports.get(entry.dev)
      const there = (owners.get(entry.mac) ?? []).filter(
        end => end.netns.node === netns.node && end.netns !== netns,
      )
      if (!port || entry.self || entry.permanent || there.length !== 1) return []
      const evidence = [`${netns.name} has learned ${entry.mac} on ${port.name}`]
      return [{ a: { netns, iface: port }, b: there[0]!, score: 0, evidence }]
    })
  })
}

/** For and against two ends being one pair; undefined where it cannot be. */
function weigh(a: End, b: End): Candidate | undefined {
  const evidence = [
    `${a.iface.name} (${a.iface.index}) and ${b.iface.name} (${b.iface.index}) name each other's index`,
  ]
  let score = a.netns.node === b.netns.node ? 1 : 0
  for (const [x, y] of [
    [a, b],
    [b, a],
  ] as const) {
    const named = nameSpeaks(x, y)
    if (named === 'against') return undefined
    if (named === 'for') score += 3
    const learned = fdbSpeaks(x, y)
    score += learned
    if (learned > 0) evidence.push(`${x.netns.name} has learned ${y.iface.mac} on ${x.iface.name}`)
    score += neighbourSpeaks(x, y)
    if (routesTo(x, y)) {
      score += 6
      evidence.push(`${x.netns.name} routes to ${y.netns.name}'s address by ${x.iface.name}`)
    }
    if (gatewayIs(x, y)) {
      score += 4
      evidence.push(`${x.netns.name} has its gateway there`)
    }
  }
  const net = subnetSpeaks(a, b)
  if (net > 0) evidence.push('their addresses lie in one network')
  return { a, b, score: score + net, evidence }
}

/** `link-netns NAME`: names under /run/netns. A namespace that has a link into NAME is not itself NAME. */
function nameSpeaks(x: End, y: End): 'for' | 'against' | undefined {
  const name = x.iface.linkNetns
  if (name === undefined) return undefined
  if (y.netns.ifaces.some(i => i.linkElsewhere && i.linkNetns === name)) return 'against'
  const { folder } = y.netns
  return name === folder || name.endsWith(`-${folder}`) || name.endsWith(`_${folder}`) ? 'for' : undefined
}

function fdbSpeaks(x: End, y: End): number {
  let others = false
  for (const entry of x.netns.fdb) {
    if (entry.dev !== x.iface.name || entry.self || entry.permanent) continue
    if (entry.mac === y.iface.mac) return 8
    others = true
  }
  return others ? -4 : 0
}

const stage = (end: End): readonly Iface[] => {
  const { iface, netns } = end
  const master = iface.master === undefined ? undefined : netns.ifaces.find(i => i.name === iface.master)
  return master ? [iface, master] : [iface]
}
const addresses = (end: End) => stage(end).flatMap(i => i.addresses.filter(a => a.scope === 'global'))

function neighbourSpeaks(x: End, y: End): number {
  const devices = new Set(stage(x).map(i => i.name))
  const theirs = new Set<Ip>(addresses(y).map(a => a.address))
  for (const { address, dev, mac } of x.netns.neighbours)
    if (mac !== undefined && devices.has(dev) && theirs.has(address))
      return stage(y).some(i => i.mac === mac) ? 4 : -4
  return 0
}

const routesTo = (x: End, y: End): boolean => {
  const theirs = new Set<Ip>(y.iface.addresses.map(a => a.address))
  return x.netns.routes.some(
    r =>
      r.type === 'unicast' &&
      theirs.has(r.prefix.base) &&
      r.prefix.length >= 32 &&
      r.nexthops.some(h => h.dev === x.iface.name),
  )
}

const gatewayIs = (x: End, y: End): boolean => {
  const theirs = new Set<Ip>(addresses(y).map(a => a.address))
  return x.netns.routes.some(r =>
    r.nexthops.some(h => h.dev === x.iface.name && h.via !== undefined && theirs.has(h.via)),
  )
}

/** Both have networks of one family: do they share one? */
function subnetSpeaks(a: End, b: End): number {
  let compared = false
  for (const one of addresses(a))
    for (const other of addresses(b)) {
      const width = widthOf(one.family)
      if (one.family !== other.family || one.prefixLength === width || other.prefixLength === width) continue
      compared = true
      if (
        contains({ base: one.address, length: one.prefixLength }, other.address) ||
        contains({ base: other.address, length: other.prefixLength }, one.address)
      )
        return 4
    }
  return compared ? -4 : 0
}
