import type { Random } from '../random.js'

/** A port of a Service, as kube-proxy sees it from any node. */
export interface Service {
  readonly name: string
  /** What the names of its chains end with. */
  readonly id: string
  readonly proto: 'tcp' | 'udp'
  readonly clusterIp: string
  readonly port: number
  readonly nodePort?: number
  readonly externalIps: readonly string[]
  readonly loadBalancerIps: readonly string[]
  /** loadBalancerSourceRanges; empty: everybody. */
  readonly sourceRanges: readonly string[]
  readonly endpoints: readonly Endpoint[]
  /** externalTrafficPolicy, internalTrafficPolicy: Local. */
  readonly externalLocal: boolean
  readonly internalLocal: boolean
  /** sessionAffinity: ClientIP. */
  readonly affinity: boolean
}

export interface Endpoint {
  readonly address: string
  readonly port: number
  /** Folder of the node that it runs on. */
  readonly node: string
}

/** What Services are drawn from. */
export interface Cluster {
  readonly six: boolean
  /** Where endpoints may be: pods, nodes themselves, machines outside; more than once is more often. */
  readonly hosts: readonly { readonly address: string; readonly node: string }[]
  /** Addresses for externalIPs and load balancers. */
  readonly outside: readonly string[]
  readonly networks: readonly string[]
}

const NAMES = [
  'default/web:http',
  'kube-system/dns:dns',
  'default/empty:http',
  'default/self:http',
  'shop/api:api',
]

export function randomServices(cluster: Cluster, random: Random): Service[] {
  const count = 2 + random.below(4)
  return NAMES.slice(0, count).map((name, at) => randomService(cluster, name, at, random))
}

function randomService(cluster: Cluster, name: string, at: number, random: Random): Service {
  const proto = name.endsWith('dns') || random.chance(0.12) ? 'udp' : 'tcp'
  const targets = proto === 'udp' ? [53, 8080] : [8080, 80, 2483, 8080, 80]
  const how = random.weighted([
    [1.5, 0],
    [4, 1],
    [3, 2],
    [1.5, 3],
  ])
  const target = random.pick(targets)
  // an endpoint that is gone, or whose program is, rarely
  const port = random.chance(0.06) ? 4321 : target
  const endpoints = [...new Map(random.shuffled(cluster.hosts).map(host => [host.address, host])).values()]
    .slice(0, how)
    .map(host => ({ ...host, port }))
  const local = random.chance(0.3)
  return {
    name,
    id: idOf(`${name}${at}`),
    proto,
    clusterIp: cluster.six ? `fd00:96::1${at}` : `10.96.0.1${at}`,
    port: proto === 'udp' ? 53 : random.pick([80, 80, 443]),
    ...(random.chance(0.6) && { nodePort: 30080 + at }),
    externalIps: random.chance(0.2) ? [random.pick(cluster.outside)] : [],
    loadBalancerIps: random.chance(0.2) ? [random.pick(cluster.outside)] : [],
    sourceRanges: random.chance(0.3) ? [random.pick(cluster.networks)] : [],
    endpoints,
    externalLocal: local,
    internalLocal: random.chance(0.12),
    affinity: random.chance(0.15),
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Sixteen letters that stand for a text, as the hash in the names of kube-proxy's chains does. */
export function idOf(text: string): string {
  let state = 2166136261
  let out = ''
  for (let i = 0; i < 16; i++) {
    for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 16777619) >>> 0
    out += LETTERS[(state >>> 7) % 32]
  }
  return out
}
