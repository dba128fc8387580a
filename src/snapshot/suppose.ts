import type { Iface } from '../model/iface.js'
import { TABLE_LOCAL } from '../model/route.js'
import type { Netns } from '../model/snapshot.js'
import { type Family, type Ip, ip, widthOf } from '../values/ip.js'
import { contains } from '../values/prefix.js'
import { record } from '../values/record.js'
import { connectedRoutes, defaultRoute, defaultRules, localRoutes } from './derive-routes.js'
import type { Lacks, NetnsDraft } from './read-netns.js'
import { listed } from './wires.js'

/** Sentences with the namespaces that each is true of, so that a hundred pods make one sentence. */
export class Assumptions {
  private readonly by = new Map<string, string[]>()
  private readonly plain: string[] = []

  of(netns: Netns, says: string): void {
    const names = this.by.get(says)
    if (names) names.push(netns.name)
    else this.by.set(says, [netns.name])
  }
  add(says: string | readonly string[]): void {
    for (const one of typeof says === 'string' ? [says] : says) this.plain.push(one)
  }
  list(): string[] {
    return [...this.plain, ...[...this.by].map(([says, names]) => `${listed(names)}: ${says}`)]
  }
}

/** As every namespace has it once it is up. */
export const LOOPBACK: Iface = {
  name: 'lo',
  index: 1,
  kind: 'loopback',
  mtu: 65536,
  up: true,
  addresses: [
    { address: ip('127.0.0.1'), family: 'ipv4', prefixLength: 8, scope: 'host', secondary: false },
    { address: ip('::1'), family: 'ipv6', prefixLength: 128, scope: 'host', secondary: false },
  ],
  linkElsewhere: false,
  promisc: false,
  noarp: false,
}

/** Completes a namespace from what the kernel would do by itself, and says what was supposed. Wires are not known yet. */
export function suppose(netns: NetnsDraft, lacks: Lacks, notes: Assumptions): void {
  if (lacks.addresses) supposeIfaces(netns, notes)
  if (!netns.ifaces.some(i => i.kind === 'loopback')) netns.ifaces = [LOOPBACK, ...netns.ifaces]
  supposeRoutes(netns, lacks, notes)
  supposeRules(netns, lacks, notes)
  supposeSysctls(netns, lacks, notes)
  if (lacks.listeners) notes.of(netns, 'no ss.txt: every port is supposed to answer')
  if (lacks.portFlags.length > 0)
    notes.of(netns, 'no flags of bridge ports (bridge -d link): hairpin and isolated are supposed off')
  if (netns.isHost && lacks.iptables) notes.of(netns, 'no iptables-save.txt: no rules are supposed')
  const v6 = netns.ifaces.some(i => i.addresses.some(a => a.family === 'ipv6' && a.scope === 'global'))
  if (netns.isHost && v6 && netns.rulesets.length > 0 && !netns.rulesets.some(r => r.family === 'ipv6'))
    notes.of(netns, 'no ip6tables-save.txt: no IPv6 rules are supposed')
}

/** As CNI plugins, Docker and kube-proxy name their devices. */
const KINDS_BY_NAME: readonly (readonly [RegExp, Iface['kind']])[] = [
  [/^(cni|docker|br-|cbr|virbr|kube-bridge)/, 'bridge'],
  [/^flannel|vxlan/, 'vxlan'],
  [/^kube-ipvs/, 'dummy'],
  [/^(veth|cali)/, 'veth'],
]

/** Without `ip addr`, routes still name devices and, in the local table or as `src`, addresses. */
function supposeIfaces(netns: NetnsDraft, notes: Assumptions): void {
  const names = new Map<string, Iface['addresses'][number][]>()
  const add = (dev: string, address: Ip, family: Family, prefixLength: number): void => {
    const known = names.get(dev)!
    if (!known.some(a => a.address === address))
      known.push({ address, family, prefixLength, scope: 'global', secondary: false })
  }
  for (const { family, prefix, proto, src, type, nexthops } of netns.routes)
    for (const { dev } of nexthops) {
      if (dev === undefined || dev === 'lo') continue
      if (!names.has(dev)) names.set(dev, [])
      if (src !== undefined && proto === 'kernel' && type === 'unicast') add(dev, src, family, prefix.length)
    }
  for (const { family, prefix, type, table, nexthops } of netns.routes) {
    const dev = nexthops[0]?.dev
    if (type !== 'local' || table !== TABLE_LOCAL || dev === undefined || !names.has(dev)) continue
    if (prefix.length === widthOf(family)) add(dev, prefix.base, family, prefix.length)
  }
  const kindOf = (name: string): Iface['kind'] =>
    KINDS_BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? (netns.isHost ? 'physical' : 'veth')
  netns.ifaces = [
    LOOPBACK,
    ...[...names].map(
      ([name, addresses], i): Iface => ({
        ...LOOPBACK,
        name,
        index: i + 2,
        kind: kindOf(name),
        mtu: 1500,
        up: kindOf(name) !== 'dummy',
        addresses,
      }),
    ),
  ]
  notes.of(
    netns,
    names.size > 0
      ? 'no ip-addr: devices and addresses are read off the routes'
      : 'no ip-addr: only lo is there',
  )
}

const FAMILIES = ['ipv4', 'ipv6'] as const

function supposeRoutes(netns: NetnsDraft, lacks: Lacks, notes: Assumptions): void {
  for (const family of FAMILIES) {
    const label = family === 'ipv4' ? 'IPv4' : 'IPv6'
    const worthSaying = netns.ifaces.some(i =>
      i.addresses.some(a => a.family === family && a.scope === 'global'),
    )
    const known = netns.routes.filter(r => r.family === family)
    if (!known.some(r => r.table === TABLE_LOCAL)) {
      netns.routes = [...netns.routes, ...localRoutes(netns.ifaces, family)]
      if (worthSaying && known.length > 0)
        notes.of(
          netns,
          `the ${label} routes lack the local table (ip route show table all): made from the addresses`,
        )
    }
    if (known.length > 0) continue
    netns.routes = [...netns.routes, ...connectedRoutes(netns.ifaces, family)]
    if (!worthSaying) continue
    notes.of(
      netns,
      `no ${lacks.routes ? 'ip-route' : `${label} routes`}: connected and local ${label} routes are made from the addresses`,
    )
  }
}

function supposeRules(netns: NetnsDraft, lacks: Lacks, notes: Assumptions): void {
  if (lacks.rules)
    notes.of(netns, 'no ip-rule: the rules local, main, default of a new namespace are supposed')
  for (const family of FAMILIES)
    if (!netns.rules.some(r => r.family === family)) netns.rules = [...netns.rules, ...defaultRules(family)]
}

/**
 * A node forwards, or it would be none. Whether br_netfilter is loaded says lsmod; where that is missing too, kube-proxy's
 * rules say it, since kubelet and kubeadm ask for the module, which sets its sysctls to 1 when it is loaded.
 */
function supposeSysctls(netns: NetnsDraft, lacks: Lacks, notes: Assumptions): void {
  if (!netns.isHost) {
    if (lacks.sysctl) notes.of(netns, 'no sysctl.txt: Linux defaults')
    return
  }
  const assumed: [string, string][] = FORWARDING.filter(key => !Object.hasOwn(netns.sysctl, key)).map(key => [
    key,
    '1',
  ])
  if (!lacks.sysctl) {
    // a dump of a few keys only: that a node forwards is still likelier than the kernel's default
    if (assumed.length > 0) netns.sysctlAssumed = record(assumed)
    if (assumed.some(([key]) => key === FORWARDING[0]))
      notes.of(netns, 'sysctl.txt lacks net.ipv4.ip_forward: 1 is supposed')
    return
  }
  const kube = netns.rulesets.some(r => r.tables.some(t => t.chains.some(c => c.name === 'KUBE-SERVICES')))
  const loaded = netns.modules ? netns.modules.includes('br_netfilter') : kube
  if (loaded)
    for (const tool of ['iptables', 'ip6tables', 'arptables'])
      assumed.push([`net.bridge.bridge-nf-call-${tool}`, '1'])
  netns.sysctlAssumed = record(assumed)
  const why = netns.modules ? 'lsmod lists it' : kube ? 'as kube-proxy wants it' : 'nothing speaks for it'
  const bridge = loaded
    ? `br_netfilter loaded with bridge-nf-call-iptables 1 (${why})`
    : `br_netfilter not loaded (${netns.modules ? 'lsmod does not list it' : why})`
  notes.of(netns, `no sysctl.txt: Linux defaults, but ip_forward 1, and ${bridge}`)
}

const FORWARDING = ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding']

/** A pod whose routes were not dumped leaves by the address of its node that lies in its own network. */
export function supposeGateway(netns: NetnsDraft, host: Netns | undefined, notes: Assumptions): void {
  if (netns.isHost || !host) return
  for (const family of FAMILIES) {
    const found = gateway(netns, host, family)
    if (!found || netns.routes.some(r => r.family === family && r.prefix.length === 0)) continue
    netns.routes = [...netns.routes, defaultRoute(found.via, found.dev, family)]
    notes.of(netns, `no ip-route: a default route by the node's address in the same network is supposed`)
  }
}

function gateway(netns: Netns, host: Netns, family: Family) {
  for (const iface of netns.ifaces)
    for (const own of iface.addresses) {
      if (own.family !== family || own.scope !== 'global') continue
      const prefix = { base: own.address, length: own.prefixLength }
      for (const theirs of host.ifaces.flatMap(i => i.addresses))
        if (theirs.scope === 'global' && theirs.address !== own.address && contains(prefix, theirs.address))
          return { via: theirs.address, dev: iface.name }
    }
  return undefined
}
