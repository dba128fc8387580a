import { masqueradeRules } from '../kube/cni.js'
import { ipvsRules, note, proxySets, type Sets, setsText } from '../kube/ipvs-proxy.js'
import { type Balance, ipvsText, randomBalance } from '../kube/ipvs-services.js'
import type { Dump } from '../kube/dump.js'
import { type Endpoint, randomServices, type Service } from '../kube/services.js'
import type { Host } from '../host.js'
import type { Random } from '../random.js'
import { strayRules } from '../rules.js'
import { bridgeWorld } from './bridge.js'
import { asksOf, clusterOf, randomSetup } from './kube.js'
import { mac } from './parts.js'
import { twoWorld } from './two.js'
import type { World } from './world.js'

/** Of Services that share the first one's address. */
const OTHER_PORTS = [80, 5353, 5432, 8080, 3306] as const

type Balanced = readonly [service: Service, balance: Balance]

/** One node or two, with kube-proxy in its IPVS mode. */
export function ipvsWorld(random: Random): World {
  const base = (random.chance(0.55) ? bridgeWorld : twoWorld)(random)
  const families = base.addresses.v6.length > 0 && random.chance(0.6) ? [false, true] : [false]
  // the Services' network may lie within the cluster's
  const inside = random.chance(0.15)
  const services = new Map<boolean, readonly Balanced[]>(
    families.map(six => [
      six,
      randomServices(clusterOf(base, six), random)
        .map((s, at, all) =>
          at > 0 && random.chance(0.15) ? { ...s, clusterIp: all[0]!.clusterIp, port: OTHER_PORTS[at]! } : s,
        )
        .map(s => (inside && !six ? { ...s, clusterIp: s.clusterIp.replace('10.96.0', '10.244.200') } : s))
        .map((s, at) => [s, randomBalance(s, at, base.tunnels === true, random)] as const),
    ]),
  )
  const plain = (six: boolean) => (services.get(six) ?? []).map(([service]) => service)
  const setups = new Map(families.map(six => [six, randomSetup(six, random)]))
  const sets = new Map<Host, ReadonlyMap<boolean, Sets>>(
    base.nodes.map(node => [
      node,
      new Map(families.map(six => [six, proxySets(plain(six), node.folder, random)])),
    ]),
  )
  const ext = base.hosts.find(host => host.folder.endsWith('/ext'))!
  ext.routes.push(...['10.244.128.0/17', '198.18.0.0/24'].map(net => `${net} via 192.168.50.10 dev eth0`))
  for (const node of base.nodes) {
    settings(node, random)
    const own = node.devices.filter(d => d.name !== 'lo').flatMap(d => d.addresses.map(a => a.split('/')[0]!))
    node.devices.push(dummy(families.flatMap(plain), random))
    node.ipvs = families
      .map(six =>
        ipvsText(
          // one that the node has not heard of yet, or any more
          services.get(six)!.filter(() => !random.chance(0.02)),
          node.folder,
          own.filter(a => a.includes(':') === six),
          six,
        ),
      )
      .join('')
  }
  const vips = families.flatMap(six => plain(six).map(s => s.clusterIp))
  const world: World = {
    ...base,
    kind: 'ipvs',
    addresses: { v4: [...base.addresses.v4, ...vips.filter(v => !v.includes(':'))], v6: base.addresses.v6 },
    asks: families.flatMap(six =>
      plain(six).flatMap(service => [
        ...asksOf(service, base, six),
        // no port of a Service
        { dst: service.clusterIp, proto: service.proto, dport: random.pick([22, 54, 8080]) },
      ]),
    ),
    setsOf: node => families.map(six => setsText(sets.get(node)!.get(six)!, six)).join(''),
    rulesOf: (node, six) => {
      const setup = setups.get(six)
      if (!setup) return undefined
      const dump = ipvsRules(sets.get(node)!.get(six)!, setup, random)
      masqueradeRules(dump, setup, base, node, random)
      for (const [service, { mark }] of services.get(six)!)
        if (mark !== undefined)
          for (const chain of ['PREROUTING', 'OUTPUT'])
            dump.add(
              'mangle',
              chain,
              `-d ${host(service.clusterIp)} -p ${service.proto} -m ${service.proto} --dport ${service.port} -j MARK --set-xmark 0x${mark.toString(16)}/0xff`,
            )
      breakage(dump, plain(six), six, random)
      strayRules(world, dump, six, random)
      return String(dump)
    },
  }
  return world
}

/** As iptables-save prints it. */
const host = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`

/** Where kube-proxy puts the Services' addresses: a device that is down, or up as others make it. */
function dummy(services: readonly Service[], random: Random) {
  const all = services.flatMap(s => [s.clusterIp, ...s.externalIps, ...s.loadBalancerIps])
  const kept = all.filter(() => !random.chance(0.02))
  const down = !all.some(a => a.includes(':')) && random.chance(0.8)
  return {
    name: 'kube-ipvs0',
    kind: 'dummy' as const,
    mac: mac(),
    down,
    noarp: true,
    addresses: [...new Set(kept)].map(a => `${a}/${a.includes(':') ? 128 : 32}`),
  }
}

/** net.ipv4.vs as kube-proxy sets it, mostly. */
function settings(node: Host, random: Random): void {
  const set = (name: string, value: number) => node.sysctl.set(`net.ipv4.vs.${name}`, String(value))
  set('conntrack', random.chance(0.7) ? 1 : 0)
  set('conn_reuse_mode', random.pick([0, 1, 1, 2]))
  set('expire_nodest_conn', random.chance(0.8) ? 1 : 0)
  set('expire_quiescent_template', random.chance(0.8) ? 1 : 0)
  set('sloppy_tcp', random.chance(0.1) ? 1 : 0)
  set('nat_icmp_send', random.chance(0.15) ? 1 : 0)
  set('snat_reroute', random.chance(0.85) ? 1 : 0)
  set('schedule_icmp', random.chance(0.1) ? 1 : 0)
  set('cache_bypass', random.chance(0.05) ? 1 : 0)
  node.sysctl.set('net.ipv4.conf.all.arp_ignore', random.chance(0.7) ? '1' : '0')
  node.sysctl.set('net.ipv4.conf.all.arp_announce', random.chance(0.7) ? '2' : '0')
}

const leftBehind = (chain: string, to: string) =>
  ['filter', chain, `-m conntrack --ctstate NEW ${note('kubernetes service portals')} -j ${to}`] as const

/** What bug reports about kube-proxy in its IPVS mode tell of. */
function breakage(dump: Dump, services: readonly Service[], six: boolean, random: Random): void {
  const service = random.pick(services)
  const { clusterIp, port, proto, endpoints } = service
  const nodes = six ? 'fd00:50::/64' : '192.168.50.0/24'
  const one = `-d ${host(clusterIp)} -p ${proto}`
  const at = (to: Pick<Endpoint, 'address' | 'port'>) =>
    `-d ${host(to.address)} -p ${proto} -m ${proto} --dport ${to.port}`
  const where = at({ address: clusterIp, port })
  const refused = `-j REJECT --reject-with ${six ? 'icmp6' : 'icmp'}-port-unreachable`
  const target = endpoints[0]
  const to = target && (six ? `[${target.address}]:${target.port}` : `${target.address}:${target.port}`)
  const ways: (readonly [table: string, chain: string, rule: string])[] = random.pick([
    [],
    [],
    ['PREROUTING', 'OUTPUT'].map(chain => ['raw', chain, `-d ${host(clusterIp)} -j CT --notrack`] as const),
    to === undefined
      ? []
      : ['PREROUTING', 'OUTPUT'].map(
          chain => ['nat', chain, `${where} -j DNAT --to-destination ${to}`] as const,
        ),
    ['INPUT', 'FORWARD', 'OUTPUT'].map(chain => ['filter', chain, `${where} ${refused}`] as const),
    target === undefined
      ? []
      : ['INPUT', 'FORWARD', 'OUTPUT'].map(
          chain => ['filter', chain, `-d ${host(target.address)} -p ${proto} ${refused}`] as const,
        ),
    [['filter', 'INPUT', `-s ${nodes} -p ${proto} -j DROP`]],
    [['filter', 'OUTPUT', `! -d ${nodes} -o eth0 -j DROP`]],
    [['filter', 'FORWARD', '-j DROP']],
    ['INPUT', 'FORWARD', 'OUTPUT'].map(
      chain => ['filter', chain, '-m conntrack --ctstate INVALID -j DROP'] as const,
    ),
    [
      ['mangle', 'FORWARD', '-m ipvs --ipvs -j MARK --set-xmark 0x20/0xf0'],
      [
        'mangle',
        'OUTPUT',
        `-m ipvs --vaddr ${clusterIp} --vport ${port} -m comment --comment r91 -j MARK --set-xmark 0x2/0xff`,
      ],
      ['mangle', 'POSTROUTING', '-m ipvs --ipvs -j MARK --set-xmark 0x10/0xf0'],
    ],
    [
      ['mangle', 'INPUT', '-m ipvs --ipvs -j MARK --set-xmark 0x20/0xf0'],
      ['filter', 'OUTPUT', '-m ipvs --vdir ORIGINAL --vmethod MASQ -j ACCEPT'],
      ['nat', 'POSTROUTING', `-m ipvs --vaddr ${clusterIp} -m comment --comment r92 -j MASQUERADE`],
    ],
    [
      [
        'filter',
        'KUBE-IPVS-OUT-FILTER',
        `-s ${host(clusterIp)} -m ipvs --vaddr ${clusterIp} --vport ${port} -m comment --comment r93 -j DROP`,
      ],
    ],
    [['nat', 'POSTROUTING', '-j MASQUERADE']],
    // left behind by kube-proxy's iptables mode
    [
      ...['INPUT', 'FORWARD', 'OUTPUT'].map(chain => leftBehind(chain, 'KUBE-SERVICES')),
      [
        'filter',
        'KUBE-SERVICES',
        `${one} ${note(`${service.name} has no endpoints`)} -m ${proto} --dport ${port} ${refused}`,
      ],
    ],
    [
      ...['INPUT', 'FORWARD'].map(chain => leftBehind(chain, 'KUBE-EXTERNAL-SERVICES')),
      ['filter', 'KUBE-EXTERNAL-SERVICES', target ? `${at(target)} ${refused}` : `${where} ${refused}`],
    ],
  ])
  // where kube-proxy ends what was open when a load balancer's source ranges came
  const balancer = services.find(s => s.loadBalancerIps.length > 0 && s.sourceRanges.length > 0)
  if (balancer && random.chance(0.5)) {
    const [ip] = balancer.loadBalancerIps
    dump.add(
      'filter',
      'KUBE-IPVS-OUT-FILTER',
      `-s ${host(ip!)} -m ipvs --vproto ${balancer.proto === 'tcp' ? 6 : 17} --vaddr ${ip} --vport ${balancer.port} -j DROP`,
    )
  }
  for (const [table, chain, rule] of ways) dump.insert(table, chain, rule, random.next())
}
