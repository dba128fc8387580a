import type { Random } from '../random.js'
import type { Service } from './services.js'

const SCHEDULERS = [
  [8, 'rr'],
  [2, 'wrr'],
  [2, 'lc'],
  [2, 'sh'],
  [0.5, 'wlc'],
  [0.5, 'dh'],
  [0.5, 'sed'],
  [0.5, 'nq'],
  [0.5, 'mh'],
] as const

/** How the Services of a node are balanced; the same on every node. */
export interface Balance {
  readonly scheduler: string
  /** Of each endpoint, by its place. */
  readonly weights: readonly number[]
  /** `-m`; now and then direct routing or a tunnel, which kube-proxy does not make. */
  readonly method: '-m' | '-g' | '-i'
  readonly flags: string
  /** It is found by this firewall mark, which a rule gives. */
  readonly mark?: number
}

/**
 * @param tunnels what carries a packet to another node has its mark, which would lead it into the tunnel again: Linux 6.1
 * panics
 */
export function randomBalance(
  { affinity, endpoints }: Service,
  at: number,
  tunnels: boolean,
  random: Random,
): Balance {
  const scheduler = random.weighted(SCHEDULERS)
  return {
    scheduler,
    weights: endpoints.map(() =>
      random.weighted([
        [8, 1],
        [1.5, 0],
        [1, 2],
        [0.5, 5],
      ]),
    ),
    method: random.weighted([
      [14, '-m'],
      [1, '-g'],
      [1, '-i'],
    ]),
    flags: [affinity ? ' -p 10800' : '', affinity && random.chance(0.2) ? ' -M 255.255.255.0' : ''].join(''),
    ...(!tunnels && random.chance(0.06) && { mark: 0x70 + at }),
  }
}

/** A server is one by its address and port. */
const distinct = <T extends { readonly address: string; readonly port: number }>(real: readonly T[]): T[] => [
  ...new Map(real.map(e => [`${e.address} ${e.port}`, e])).values(),
]

/** The table of a node as `ipvsadm -Sn` prints it. */
export function ipvsText(
  services: readonly (readonly [service: Service, balance: Balance])[],
  node: string,
  nodeAddresses: readonly string[],
  six: boolean,
): string {
  const end = (address: string, port: number) => (six ? `[${address}]:${port}` : `${address}:${port}`)
  const seen = new Set<string>()
  return services
    .flatMap(([service, balance]) => {
      const servers = service.endpoints.map((e, i) => ({ ...e, weight: balance.weights[i]! }))
      const near = servers.filter(e => e.node === node)
      const flag = service.proto === 'tcp' ? '-t' : '-u'
      // ipvsadm lets only NAT change the port
      const portOf = (e: (typeof servers)[number], own: number) => (balance.method === '-m' ? e.port : own)
      const of = (id: string, own: number, real: typeof servers) => {
        if (seen.has(id)) return []
        seen.add(id)
        const plain = six ? balance.flags.replace('255.255.255.0', '64') : balance.flags
        return [
          `-A ${id} -s ${balance.scheduler}${plain}`,
          ...distinct(real).map(
            e => `-a ${id} -r ${end(e.address, portOf(e, own))} ${balance.method} -w ${e.weight}`,
          ),
        ]
      }
      const outside = service.externalLocal ? near : servers
      const at = (address: string, port: number) => `${flag} ${end(address, port)}`
      return [
        ...(balance.mark === undefined
          ? of(at(service.clusterIp, service.port), service.port, service.internalLocal ? near : servers)
          : of(`-f ${balance.mark}${six ? ' -6' : ''}`, 0, servers)),
        ...[...service.externalIps, ...service.loadBalancerIps].flatMap(ip =>
          of(at(ip, service.port), service.port, outside),
        ),
        ...(service.nodePort === undefined
          ? []
          : nodeAddresses.flatMap(ip => of(at(ip, service.nodePort!), service.nodePort!, outside))),
      ]
    })
    .map(line => `${line}\n`)
    .join('')
}
