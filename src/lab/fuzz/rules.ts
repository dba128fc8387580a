import type { Dump } from './kube/dump.js'
import { matchWords, portWords } from './matches.js'
import type { Random } from './random.js'
import { targetWords } from './targets.js'
import type { World } from './worlds/world.js'

/** Where a rule stands, and what it may be drawn from. */
export interface Place {
  readonly world: World
  readonly six: boolean
  readonly table: string
  /** A built-in chain, or the hooks that a user chain may be reached from are not known: undefined. */
  readonly hook: string | undefined
  readonly random: Random
  /** One of very many: narrow, mostly by ports, and half of them lead to other chains. */
  readonly crowded?: boolean
}

export const CHAINS: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
}
const USER = ['UA', 'UB', 'UC', 'UD'] as const

/** `address` or `network`, of the family. */
export const addressOf = ({ world, six, random }: Place): string =>
  random.pick(six ? world.addresses.v6 : world.addresses.v4)
export const networkOf = ({ world, six, random }: Place): string =>
  random.pick(six ? world.networks.v6 : world.networks.v4)

const not = (random: Random, p = 0.15): string => (random.chance(p) ? '! ' : '')

function headerWords(place: Place): { words: string[]; proto: string } {
  const { random, table, hook, world, six, crowded } = place
  const words: string[] = []
  const side = () => (random.chance(0.6) ? addressOf(place) : networkOf(place))
  if (random.chance(crowded ? 0.4 : 0.28)) words.push(`${not(random)}-s ${side()}`)
  if (random.chance(0.38)) words.push(`${not(random)}-d ${side()}`)
  const mayIn = hook === 'PREROUTING' || hook === 'INPUT' || hook === 'FORWARD'
  const mayOut = hook === 'OUTPUT' || hook === 'POSTROUTING' || hook === 'FORWARD'
  if (mayIn && random.chance(0.15)) words.push(`${not(random)}-i ${random.pick(world.devices)}`)
  if (mayOut && random.chance(0.15)) words.push(`${not(random)}-o ${random.pick(world.devices)}`)
  const drawn =
    table === 'nat' || random.chance(0.5)
      ? random.weighted([
          [5, 'tcp'],
          [4, 'udp'],
          [1, six ? 'ipv6-icmp' : 'icmp'],
          [3, ''],
        ])
      : ''
  // NAT of the tunnel's own packets would hide which they are
  const proto = world.tunnels && table === 'nat' && drawn !== 'icmp' ? 'tcp' : drawn
  if (proto !== '') words.push(`-p ${proto}`)
  else if (random.chance(0.05)) words.push(`! -p ${random.pick(['tcp', 'udp'])}`)
  return { words, proto }
}

/** One rule; its comment names it, so that both sides tell of it in the same words. */
function ruleLine(place: Place, chain: string, number: number, jumps: readonly string[]): string {
  const { random, crowded } = place
  const { words, proto } = headerWords(place)
  const count = random.weighted([
    [3, 0],
    [5, 1],
    [crowded ? 0.5 : 2, 2],
  ])
  const used = new Set<string>()
  const matches = Array.from({ length: count }, () => matchWords(place, proto))
  if (crowded && random.chance(0.7)) matches.unshift(portWords(place, proto))
  for (const match of matches) {
    const name = /-m (\S+)/.exec(match)?.[1] ?? ''
    if (match === '' || used.has(name)) continue
    used.add(name)
    words.push(match)
  }
  const target = targetWords(place, proto, jumps)
  return `-A ${chain} ${[...words, `-m comment --comment r${number}`, target].filter(Boolean).join(' ')}`
}

/** A whole dump of one family. */
export function randomRules(world: World, six: boolean, random: Random): string {
  const out: string[] = []
  let number = 1
  // few rules: each is hit more often; many: they get in each other's way, and chains call chains that call chains
  const crowded = random.chance(0.25)
  const many = crowded || random.chance(0.3)
  for (const [table, chains] of Object.entries(CHAINS)) {
    out.push(`*${table}`)
    const drop = (chain: string) =>
      table === 'filter' && (chain !== 'OUTPUT' || crowded) && random.chance(crowded ? 0.12 : 0.06)
    for (const chain of chains) out.push(`:${chain} ${drop(chain) ? 'DROP' : 'ACCEPT'} [0:0]`)
    const users = USER.slice(0, random.below(many ? 5 : 3))
    for (const user of users) out.push(`:${user} - [0:0]`)
    for (const chain of chains) {
      if (table === 'raw') out.push(`-A ${chain} -j TRACE`)
      const rules = crowded
        ? random.below(6)
        : random.weighted([
            [many ? 0.5 : 4, 0],
            [4, 1],
            [3, 2],
            [many ? 4 : 1, 4],
          ])
      for (let i = 0; i < rules; i++)
        out.push(ruleLine({ world, six, table, hook: chain, random, crowded }, chain, number++, users))
    }
    // empty chains too; only to later chains: no loops
    for (const [i, user] of users.entries())
      for (let n = crowded ? random.below(6) : 1 + random.below(many ? 5 : 3); n > 0; n--)
        out.push(
          ruleLine(
            { world, six, table, hook: undefined, random, crowded },
            user,
            number++,
            users.slice(i + 1),
          ),
        )
    out.push('COMMIT')
  }
  return `${out.join('\n')}\n`
}

/** A rule of chance in the middle of somebody's orderly ones. */
function strayRule(world: World, dump: Dump, six: boolean, number: number, random: Random): void {
  const table = random.pick(Object.keys(CHAINS))
  const chain = random.pick(dump.chains(table))
  const hook = CHAINS[table]!.includes(chain) ? chain : undefined
  const line = ruleLine({ world, six, table, hook, random }, chain, number, [])
  dump.insert(table, chain, line.slice(`-A ${chain} `.length), random.next())
}

/** Some such rules, or none: into a cluster's tables. */
export function strayRules(world: World, dump: Dump, six: boolean, random: Random): void {
  const count = random.weighted([
    [5, 0],
    [3, 1],
    [2, 3],
  ])
  for (let n = count; n > 0; n--) strayRule(world, dump, six, n, random)
}

/** Sets that rules ask for. */
export function randomSets(world: World, random: Random): string {
  const lines: string[] = []
  for (const six of world.addresses.v6.length > 0 ? [false, true] : [false]) {
    const name = (base: string) => (six ? `${base}6` : base)
    const family = six ? 'inet6' : 'inet'
    const addresses = six ? world.addresses.v6 : world.addresses.v4
    const networks = six ? world.networks.v6 : world.networks.v4
    const some = <T>(list: readonly T[], n: number) => random.shuffled(list).slice(0, n)
    const set = (base: string, type: string, elements: readonly string[]) => {
      lines.push(`create ${name(base)} ${type} family ${family}`)
      for (const element of new Set(elements)) lines.push(`add ${name(base)} ${element}`)
    }
    const port = () => random.pick(['tcp:80', 'tcp:8080', 'udp:53', 'udp:8080'])
    set('IPS', 'hash:ip', some(addresses, 3))
    set('NETS', 'hash:net', [
      ...some(networks, 2),
      `${random.pick(addresses)}${random.chance(0.3) ? ' nomatch' : ''}`,
    ])
    set(
      'IPPORT',
      'hash:ip,port',
      some(addresses, 4).map(a => `${a},${port()}`),
    )
    set(
      'NETPORT',
      'hash:net,port',
      some(networks, 3).map(a => `${a},${port()}`),
    )
    set(
      'IPPIP',
      'hash:ip,port,ip',
      some(addresses, 4).map(a => `${a},${port()},${random.pick(addresses)}`),
    )
    set(
      'NETIF',
      'hash:net,iface',
      some(networks, 3).map(a => `${a},${random.pick(world.devices.filter(d => !d.includes('+')))}`),
    )
    set('ADDED', 'hash:ip', [])
  }
  lines.push('create PORTS bitmap:port range 0-65535', 'add PORTS 80', 'add PORTS 53')
  return `${lines.join('\n')}\n`
}
