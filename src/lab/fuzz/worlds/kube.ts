import { masqueradeRules } from '../kube/cni.js'
import { istioDump } from '../kube/istio.js'
import { proxyRules, type Setup } from '../kube/proxy.js'
import { type Cluster, randomServices, type Service } from '../kube/services.js'
import { strayRules } from '../rules.js'
import type { Random } from '../random.js'
import { bridgeWorld } from './bridge.js'
import { routedWorld } from './routed.js'
import { twoWorld } from './two.js'
import type { Ask, World } from './world.js'

const OUTSIDE = { v4: ['203.0.113.9', '198.18.0.10'], v6: ['2001:db8::9', '2001:db8::10'] }

/** One node or two, with kube-proxy in its iptables mode. */
export function kubeWorld(random: Random): World {
  const base = random.weighted([
    [5, bridgeWorld],
    [3.5, twoWorld],
    [2, routedWorld],
  ])(random)
  // one pod with a proxy of its own beside its program
  const meshed = random.chance(0.1) ? base.hosts.find(h => h.folder.endsWith('/netns/a')) : undefined
  const families = base.addresses.v6.length > 0 ? ([false, true] as const) : ([false] as const)
  const services = new Map(families.map(six => [six, randomServices(clusterOf(base, six), random)]))
  const setups = new Map(families.map(six => [six, randomSetup(six, random)]))
  const world: World = {
    ...base,
    kind: 'kube',
    nodes: meshed ? [...base.nodes, meshed] : base.nodes,
    asks: families.flatMap(six => services.get(six)!.flatMap(service => asksOf(service, base, six))),
    rulesOf: (node, six) => {
      if (node === meshed) return String(istioDump(meshed, six, random))
      const setup = setups.get(six)!
      const dump = proxyRules(services.get(six)!, node.folder, setup, random)
      masqueradeRules(dump, setup, base, node, random)
      strayRules(world, dump, six, random)
      return String(dump)
    },
  }
  return world
}

export function clusterOf(world: World, six: boolean): Cluster {
  const family = six ? 'v6' : 'v4'
  const hosts = world.hosts.flatMap(({ folder, devices }) => {
    const address = devices
      .flatMap(d => d.addresses)
      .find(a => a.includes(':') === six && !/^(127\.|::1|fe80:)/.test(a))
      ?.split('/')[0]
    return address === undefined ? [] : [{ address, node: folder.split('/')[0]! }]
  })
  // pods mostly, now and then a node itself or somebody outside
  const own = world.own[family]
  const pods = hosts.filter(h => !own.includes(h.address))
  return {
    six,
    hosts: [...pods, ...pods, ...hosts],
    outside: OUTSIDE[family],
    networks: world.networks[family],
  }
}

export function randomSetup(six: boolean, random: Random): Setup {
  const cidr = six ? 'fd00::/32' : '10.244.0.0/16'
  const clusterCidr = random.pick(
    six
      ? [cidr, 'fd00:1::/64', 'fd00::/16', undefined]
      : [cidr, cidr, '10.244.1.0/24', '10.0.0.0/8', undefined],
  )
  const local = random.weighted([
    [6, clusterCidr === undefined ? undefined : `! -s ${clusterCidr}`],
    [1, '! -i cni0'],
    [1, '! -i veth+'],
    [1, undefined],
  ])
  return {
    six,
    local,
    clusterCidr,
    masqueradeAll: random.chance(0.1),
    // xtables-monitor does not print it of IPv6
    randomFully: !six && random.chance(0.2),
    balance: random.chance(0.7) ? 'nth' : 'random',
    old: random.chance(0.25),
    forwardPolicy: random.chance(0.45) ? 'DROP' : 'ACCEPT',
  }
}

/** Where a Service may be asked for. */
export function asksOf(service: Service, world: World, six: boolean): Ask[] {
  const { proto, port, nodePort } = service
  const own = world.own[six ? 'v6' : 'v4']
  return [
    ...[service.clusterIp, service.clusterIp, ...service.externalIps, ...service.loadBalancerIps].map(
      dst => ({
        ...{ dst, proto, dport: port },
      }),
    ),
    ...(nodePort === undefined ? [] : own.map(dst => ({ dst, proto, dport: nodePort }))),
    ...service.endpoints.map(({ address, port: dport }) => ({ dst: address, proto, dport })),
  ]
}
