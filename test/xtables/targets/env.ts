import { type ConntrackEntry, newEntry } from '../../../src/conntrack/entry.js'
import { invert, type Tuple } from '../../../src/conntrack/tuple.js'
import type { Packet } from '../../../src/model/packet.js'
import type { Netns } from '../../../src/model/snapshot.js'
import { parseIptablesSave } from '../../../src/parse/iptables-save.js'
import { SocketTable } from '../../../src/run/sockets.js'
import { Space } from '../../../src/world/space.js'
import type { Skb } from '../../../src/skb/skb.js'
import { familyOf, ip } from '../../../src/values/ip.js'
import type { Outcome, RuleEnv } from '../../../src/xtables/extension.js'
import { findTarget } from '../../../src/xtables/registry.js'

/** A TCP SYN from 10.0.0.1:41000 to 10.0.0.2:80, or what is asked instead. */
export const packet = (p: Partial<Packet> & { from?: string; to?: string } = {}): Packet => {
  const { from = '10.0.0.1', to = '10.0.0.2', ...rest } = p
  return {
    family: familyOf(ip(from)),
    src: ip(from),
    dst: ip(to),
    proto: 6,
    ...((rest.proto ?? 6) === 6 || rest.proto === 17 ? { sport: 41000, dport: 80 } : {}),
    ...((rest.proto ?? 6) === 6 ? { tcpFlags: 2 } : {}),
    ttl: 64,
    tos: 0,
    id: 1,
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    payload: 0,
    ...rest,
  }
}

export const skb = (s: Partial<Skb> = {}): Skb => ({
  packet: packet(),
  mark: 0,
  priority: 0,
  pktType: 'host',
  ...s,
})

const TUPLE: Tuple = {
  proto: 6,
  src: { address: ip('10.0.0.1'), port: 41000 },
  dst: { address: ip('10.0.0.2'), port: 80 },
}

export const entry = (e: Partial<ConntrackEntry> = {}): ConntrackEntry => ({
  ...newEntry(1, TUPLE, invert(TUPLE), { id: 0 }),
  expires: 120,
  ...e,
})

const netns: Netns = {
  name: 'node',
  folder: 'node',
  node: 'node',
  isHost: true,
  ifaces: [],
  routes: [],
  rules: [],
  neighbours: [],
  fdb: [],
  sysctl: {},
  rulesets: [],
  sets: [],
  listeners: [],
  conntrack: [],
  files: {},
}

export interface World {
  readonly skb?: Partial<Skb>
  readonly chain?: string
  readonly table?: string
  readonly netns?: Partial<Netns>
  readonly addresses?: Readonly<Record<string, readonly string[]>>
  readonly memory?: RuleEnv['memory']
}

/** What is remembered, by key. */
export function memory(): RuleEnv['memory'] {
  const kept = new Map<object | string, object>()
  return {
    get<T extends object>(key: object | string, fresh: () => T): T {
      if (!kept.has(key)) kept.set(key, fresh())
      return kept.get(key) as T
    },
  }
}

/** Reads `rule` into a table and lets its target act on the skb of `world`. */
export function act(rule: string, world: World = {}): Outcome {
  const now = skb(world.skb)
  const { family } = now.packet
  const table = world.table ?? 'mangle'
  const chain = world.chain ?? 'FORWARD'
  const { ruleset, problems } = parseIptablesSave(`*${table}\n-A ${chain} ${rule}\nCOMMIT\n`, {
    file: 'rule',
    family,
    backend: 'nft',
  })
  const errors = problems.filter(p => p.severity === 'error')
  if (errors.length > 0) throw new Error(errors.map(e => e.message).join('; '))
  const read = ruleset.tables[0]!.chains.flatMap(c => c.rules)[0]!
  if (read.jump.kind !== 'target' || !read.jump.target.known) throw new Error(`${rule} has no known target`)
  const env: RuleEnv = {
    skb: now,
    hook: chain as RuleEnv['hook'],
    table,
    family,
    backend: 'nft',
    ...(now.dev !== undefined && { in: now.dev }),
    netns: { ...netns, ...world.netns },
    rule: read,
    memory: world.memory ?? memory(),
    now: 0,
    choose: () => 0,
    addressTypes: () => ['unicast'],
    socketAt: ends => new SocketTable(Space.of({ ...netns, ...world.netns })).at(ends, now.dev),
    addressesOf: dev => (world.addresses?.[dev] ?? []).map(ip),
    realms: () => 0,
    reversePathOk: () => true,
  }
  return findTarget(read.jump.target.name, family)!.act(env, read.jump.target.args as never)
}

/** The skb that goes on; fails on any other outcome. */
export function goesOn(rule: string, world: World = {}): Skb {
  const outcome = act(rule, world)
  if (outcome.kind !== 'continue') throw new Error(`${rule} ends with ${JSON.stringify(outcome)}`)
  return outcome.skb ?? skb(world.skb)
}
