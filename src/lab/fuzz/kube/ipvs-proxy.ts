import type { Random } from '../random.js'
import { Dump } from './dump.js'
import type { Setup } from './proxy.js'
import type { Service } from './services.js'

/** kube-proxy's sets by their names without `KUBE-` (`KUBE-6-` in IPv6), with what is in them. */
export type Sets = ReadonlyMap<string, Set<string>>

const TYPES: Readonly<Record<string, string>> = {
  'LOOP-BACK': 'hash:ip,port,ip',
  'CLUSTER-IP': 'hash:ip,port',
  'EXTERNAL-IP': 'hash:ip,port',
  'EXTERNAL-IP-LOCAL': 'hash:ip,port',
  'LOAD-BALANCER': 'hash:ip,port',
  'LOAD-BALANCER-LOCAL': 'hash:ip,port',
  'LOAD-BALANCER-FW': 'hash:ip,port',
  'LOAD-BALANCER-SOURCE-CIDR': 'hash:ip,port,net',
  'NODE-PORT-TCP': 'bitmap:port',
  'NODE-PORT-LOCAL-TCP': 'bitmap:port',
  'NODE-PORT-UDP': 'bitmap:port',
  'NODE-PORT-LOCAL-UDP': 'bitmap:port',
  'HEALTH-CHECK-NODE-PORT': 'bitmap:port',
  'IPVS-IPS': 'hash:ip',
}
const setName = (name: string, six: boolean): string => `KUBE-${six ? '6-' : ''}${name}`.slice(0, 31)

/** What kube-proxy's sets hold on one node; one that is forgotten (stale) now and then. */
export function proxySets(services: readonly Service[], node: string, random: Random): Sets {
  const sets = new Map(Object.keys(TYPES).map(name => [name, new Set<string>()]))
  const add = (name: string, entry: string) => {
    if (!random.chance(0.015)) sets.get(name)!.add(entry)
  }
  for (const { proto, port, clusterIp, nodePort, endpoints, ...service } of services) {
    const at = `${proto}:${port}`
    add('CLUSTER-IP', `${clusterIp},${at}`)
    add('IPVS-IPS', clusterIp)
    for (const ip of service.externalIps) {
      add('IPVS-IPS', ip)
      add(service.externalLocal ? 'EXTERNAL-IP-LOCAL' : 'EXTERNAL-IP', `${ip},${at}`)
    }
    for (const ip of service.loadBalancerIps) {
      add('IPVS-IPS', ip)
      add('LOAD-BALANCER', `${ip},${at}`)
      if (service.externalLocal) add('LOAD-BALANCER-LOCAL', `${ip},${at}`)
      if (service.sourceRanges.length > 0) add('LOAD-BALANCER-FW', `${ip},${at}`)
      for (const range of service.sourceRanges) add('LOAD-BALANCER-SOURCE-CIDR', `${ip},${at},${range}`)
    }
    if (nodePort !== undefined) {
      add(`NODE-PORT-${proto.toUpperCase()}`, `${nodePort}`)
      if (service.externalLocal) add(`NODE-PORT-LOCAL-${proto.toUpperCase()}`, `${nodePort}`)
    }
    for (const e of endpoints)
      if (e.node === node) add('LOOP-BACK', `${e.address},${proto}:${e.port},${e.address}`)
  }
  return sets
}

/** The sets as `ipset save` prints them. */
export function setsText(sets: Sets, six: boolean): string {
  return [...sets]
    .flatMap(([name, entries]) => {
      const type = TYPES[name]!
      const what = type === 'bitmap:port' ? ' range 0-65535' : ` family ${six ? 'inet6' : 'inet'}`
      const full = setName(name, six)
      return [`create ${full} ${type}${what}`, ...[...entries].map(entry => `add ${full} ${entry}`)]
    })
    .map(line => `${line}\n`)
    .join('')
}

const MASQ = '0x4000/0x4000'
export const note = (text: string) => `-m comment --comment "${text}"`

/** What kube-proxy in its IPVS mode writes on one node (pkg/proxy/ipvs, by what its dumps look like). */
export function ipvsRules(
  sets: Sets,
  { six, masqueradeAll, local, forwardPolicy }: Setup,
  random: Random,
): Dump {
  const dump = new Dump()
  const has = (name: string) => sets.get(name)!.size > 0
  const set = (name: string, dirs: string) => `-m set --match-set ${setName(name, six)} ${dirs}`
  // one rule or another is missing, as after an upgrade that went wrong
  const add = (table: string, chain: string, ...rules: readonly string[]) => {
    dump.chain(table, chain)
    for (const rule of rules) if (!random.chance(0.01)) dump.add(table, chain, rule)
  }
  for (const chain of ['KUBE-IPVS-OUT-FILTER', 'KUBE-PROXY-FIREWALL']) dump.chain('filter', chain)
  dump.chain('filter', 'FORWARD', forwardPolicy)
  for (const chain of ['PREROUTING', 'OUTPUT'])
    add('nat', chain, `${note('kubernetes service portals')} -j KUBE-SERVICES`)
  add('nat', 'POSTROUTING', `${note('kubernetes postrouting rules')} -j KUBE-POSTROUTING`)
  add('nat', 'KUBE-MARK-MASQ', `-j MARK --set-xmark ${MASQ}`)
  add(
    'nat',
    'KUBE-POSTROUTING',
    `${note('Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose')} ${set('LOOP-BACK', 'dst,dst,src')} -j MASQUERADE`,
    `-m mark ! --mark ${MASQ} -j RETURN`,
    '-j MARK --set-xmark 0x4000/0x0',
    `${note('kubernetes service traffic requiring SNAT')} -j MASQUERADE`,
  )
  const cluster = note('Kubernetes service cluster ip + port for masquerade purpose')
  const own = `${local?.startsWith('! -s') ? `${local} ` : ''}${cluster}`
  add(
    'nat',
    'KUBE-SERVICES',
    `-s ${six ? '::1/128' : '127.0.0.0/8'} -j RETURN`,
    masqueradeAll
      ? `${cluster} ${set('CLUSTER-IP', 'dst,dst')} -j KUBE-MARK-MASQ`
      : own === cluster
        ? `${cluster} ${set('CLUSTER-IP', 'src,dst')} -j KUBE-MARK-MASQ`
        : `${own} ${set('CLUSTER-IP', 'dst,dst')} -j KUBE-MARK-MASQ`,
  )
  const external = note('Kubernetes service external ip + port for masquerade and filter purpose')
  if (has('EXTERNAL-IP'))
    add('nat', 'KUBE-SERVICES', `${external} ${set('EXTERNAL-IP', 'dst,dst')} -j KUBE-MARK-MASQ`)
  for (const name of ['EXTERNAL-IP', 'EXTERNAL-IP-LOCAL'])
    if (has(name))
      add(
        'nat',
        'KUBE-SERVICES',
        `${external} ${set(name, 'dst,dst')} -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT`,
        `${external} ${set(name, 'dst,dst')} -m addrtype --dst-type LOCAL -j ACCEPT`,
      )
  add('nat', 'KUBE-LOAD-BALANCER')
  if (has('LOAD-BALANCER-LOCAL'))
    add('nat', 'KUBE-LOAD-BALANCER', `${set('LOAD-BALANCER-LOCAL', 'dst,dst')} -j RETURN`)
  add('nat', 'KUBE-LOAD-BALANCER', '-j KUBE-MARK-MASQ')
  if (has('LOAD-BALANCER'))
    add(
      'nat',
      'KUBE-SERVICES',
      `${note('Kubernetes service lb portal')} ${set('LOAD-BALANCER', 'dst,dst')} -j KUBE-LOAD-BALANCER`,
    )
  add('nat', 'KUBE-SERVICES', '-m addrtype --dst-type LOCAL -j KUBE-NODE-PORT')
  add('nat', 'KUBE-NODE-PORT')
  for (const proto of ['tcp', 'udp']) {
    const name = proto.toUpperCase()
    if (has(`NODE-PORT-LOCAL-${name}`))
      add('nat', 'KUBE-NODE-PORT', `-p ${proto} ${set(`NODE-PORT-LOCAL-${name}`, 'dst')} -j RETURN`)
    if (has(`NODE-PORT-${name}`))
      add('nat', 'KUBE-NODE-PORT', `-p ${proto} ${set(`NODE-PORT-${name}`, 'dst')} -j KUBE-MARK-MASQ`)
  }
  add('nat', 'KUBE-SERVICES', `${set('CLUSTER-IP', 'dst,dst')} -j ACCEPT`)
  if (has('LOAD-BALANCER')) add('nat', 'KUBE-SERVICES', `${set('LOAD-BALANCER', 'dst,dst')} -j ACCEPT`)
  filterRules(dump, add, set, has, six, random)
  return dump
}

/** Who may come to a Service's address, and what may be forwarded. */
function filterRules(
  dump: Dump,
  add: (table: string, chain: string, ...rules: readonly string[]) => void,
  set: (name: string, dirs: string) => string,
  has: (name: string) => boolean,
  six: boolean,
  random: Random,
): void {
  const firewall = `${note('kube-proxy firewall rules')} -j KUBE-PROXY-FIREWALL`
  const access = note('kubernetes ipvs access filter')
  // kube-proxy has the filter since 1.28
  if (random.chance(0.85)) {
    add('filter', 'INPUT', `${access} -j KUBE-IPVS-FILTER`)
    add(
      'filter',
      'KUBE-IPVS-FILTER',
      ...['LOAD-BALANCER', 'CLUSTER-IP', 'EXTERNAL-IP', 'EXTERNAL-IP-LOCAL'].map(
        name => `${set(name, 'dst,dst')} -j RETURN`,
      ),
      `${set('HEALTH-CHECK-NODE-PORT', 'dst')} -j RETURN`,
      `-m conntrack --ctstate NEW ${set('IPVS-IPS', 'dst')} -j REJECT --reject-with ${six ? 'icmp6' : 'icmp'}-port-unreachable`,
    )
  }
  add('filter', 'INPUT', firewall, `${note('kubernetes health check rules')} -j KUBE-NODE-PORT`)
  add('filter', 'KUBE-NODE-PORT', `${set('HEALTH-CHECK-NODE-PORT', 'dst')} -j ACCEPT`)
  add('filter', 'FORWARD', firewall, `${note('kubernetes forwarding rules')} -j KUBE-FORWARD`)
  add('filter', 'OUTPUT', `${access} -j KUBE-IPVS-OUT-FILTER`)
  if (random.chance(0.15)) add('filter', 'KUBE-FORWARD', '-m conntrack --ctstate INVALID -j DROP')
  add(
    'filter',
    'KUBE-FORWARD',
    `${note('kubernetes forwarding rules')} -m mark --mark ${MASQ} -j ACCEPT`,
    `${note('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  )
  if (has('LOAD-BALANCER-FW')) {
    add(
      'filter',
      'KUBE-PROXY-FIREWALL',
      `${set('LOAD-BALANCER-FW', 'dst,dst')} -j KUBE-SOURCE-RANGES-FIREWALL`,
    )
    add(
      'filter',
      'KUBE-SOURCE-RANGES-FIREWALL',
      `${set('LOAD-BALANCER-SOURCE-CIDR', 'dst,dst,src')} -j RETURN`,
      '-j DROP',
    )
  }
  if (random.chance(0.4)) {
    for (const chain of ['INPUT', 'OUTPUT']) add('filter', chain, '-j KUBE-FIREWALL')
    const loop = six ? '::1/128' : '127.0.0.0/8'
    dump.add(
      'filter',
      'KUBE-FIREWALL',
      `! -s ${loop} -d ${loop} ${note('block incoming localnet connections')} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
    )
  }
  if (random.chance(0.5))
    for (const way of ['-s', '-d'])
      add('filter', 'FORWARD', `${way} ${six ? 'fd00::/32' : '10.244.0.0/16'} -j ACCEPT`)
}
