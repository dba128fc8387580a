import { type Device, filesOf, type Host, newHost } from '../../src/lab/fuzz/host.js'
import type { Family } from '../../src/values/ip.js'
import type { Defaults } from './words.js'

/**
 * router:  client eth0 -- eth0 node eth1 -- server eth0      10.1.0.0/24, fd01::/64 | 10.2.0.0/24, fd02::/64
 * bridge:  client eth0 -- p1 ┐      ┌ eth1 -- server eth0    br0 10.1.0.1/24, fd01::1/64; 10.2.0.0/24, fd02::/64
 *          peer   eth0 -- p2 ┴ br0 node
 *
 * Only the node has addresses; the others send and hear frames as they are, so that nothing is answered but by the node.
 */
export type WorldKind = 'router' | 'bridge'

export const CLIENT_MAC = '02:00:00:00:01:02'
const NODE_MAC = '02:00:00:00:01:01'
const SERVER_MAC = '02:00:00:00:02:02'
const PEER_MAC = '02:00:00:00:01:03'

/** What is sent by whom, where the words of a packet do not tell. */
export function defaultsFor(kind: WorldKind, family: Family, from: string): Defaults {
  const net = (n: number, host: number) => (family === 'ipv4' ? `10.${n}.0.${host}` : `fd0${n}::${host}`)
  if (from === 'server') return { from: net(2, 2), to: net(1, 2), mac: SERVER_MAC, dmac: '02:00:00:00:02:01' }
  if (from === 'peer') return { from: net(1, 3), to: net(1, 2), mac: PEER_MAC, dmac: CLIENT_MAC }
  if (kind === 'bridge') return { from: net(1, 2), to: net(1, 3), mac: CLIENT_MAC, dmac: PEER_MAC }
  return { from: net(1, 2), to: net(2, 2), mac: CLIENT_MAC, dmac: NODE_MAC }
}

/** The ends that frames are sent from and heard at. */
export const endsOf = (kind: WorldKind): readonly string[] =>
  kind === 'router' ? ['client', 'server'] : ['client', 'peer', 'server']
/** The device of the node that an end's cable leads to. */
export const deviceTo = (kind: WorldKind, end: string): string =>
  end === 'server' ? 'eth1' : end === 'peer' ? 'p2' : kind === 'bridge' ? 'p1' : 'eth0'

const veth = (name: string, mac: string, addresses: string[] = [], more: Partial<Device> = {}): Device => ({
  name,
  kind: 'veth',
  mac,
  addresses,
  ...more,
})

export interface Extra {
  readonly sysctl?: Readonly<Record<string, string | number>>
  /** Lines of `ip route` of the node. */
  readonly routes?: readonly string[]
  readonly listen?: readonly string[]
}

/** The files of a snapshot, without rules. */
export function worldFiles(kind: WorldKind, extra: Extra = {}): Map<string, string> {
  const node = newHost('node')
  const near = kind === 'bridge' ? 'br0' : 'eth0'
  const own = ['10.1.0.1/24', 'fd01::1/64']
  if (kind === 'router') node.devices.push(veth('eth0', NODE_MAC, own))
  else
    node.devices.push(
      { name: 'br0', kind: 'bridge', mac: NODE_MAC, addresses: own },
      veth('p1', '02:00:00:00:0b:01', [], { master: 'br0' }),
      veth('p2', '02:00:00:00:0b:02', [], { master: 'br0' }),
    )
  node.devices.push(veth('eth1', '02:00:00:00:02:01', ['10.2.0.1/24', 'fd02::1/64']))
  for (let host = 2; host < 10; host++)
    for (const [n, dev, mac] of [
      [1, near, CLIENT_MAC],
      [2, 'eth1', SERVER_MAC],
    ] as const)
      for (const net of [`10.${n}.0.`, `fd0${n}::`]) {
        const known = n === 1 && host === 3 && kind === 'bridge' ? PEER_MAC : mac
        node.neighbours.push(`${net}${host} dev ${dev} lladdr ${known} PERMANENT`)
      }
  // subnet-router anycast, which a router's kernel adds by itself
  for (const [n, dev] of [
    [1, near],
    [2, 'eth1'],
  ])
    node.routes.push(`anycast fd0${n}:: dev ${dev} table local proto kernel metric 0 pref medium`)
  node.routes.push(...(extra.routes ?? []))
  const settings = {
    'net.ipv4.ip_forward': 1,
    'net.ipv6.conf.all.forwarding': 1,
    'net.ipv4.conf.all.rp_filter': 0,
    'net.ipv4.icmp_ratelimit': 0,
    'net.ipv6.icmp.ratelimit': 0,
    ...Object.fromEntries(
      ['all', 'default', near, 'eth1'].map(dev => [`net.ipv4.conf.${dev}.send_redirects`, 0]),
    ),
    ...(kind === 'bridge' && {
      'net.bridge.bridge-nf-call-iptables': 1,
      'net.bridge.bridge-nf-call-ip6tables': 1,
    }),
    ...extra.sysctl,
  }
  for (const [key, value] of Object.entries(settings)) node.sysctl.set(key, String(value))
  for (const listener of extra.listen ?? []) {
    const [proto, address, port] = listener.split(' ')
    node.listeners.push({ proto: proto as 'tcp' | 'udp', address: address!, port: Number(port) })
  }
  const end = (name: string, mac: string): Host => {
    const host = newHost(`node/netns/${name}`)
    host.devices.push(veth('eth0', mac))
    for (const key of ['all', 'default', 'eth0']) host.sysctl.set(`net.ipv6.conf.${key}.disable_ipv6`, '1')
    return host
  }
  const hosts = [
    node,
    end('client', CLIENT_MAC),
    end('server', SERVER_MAC),
    ...(kind === 'bridge' ? [end('peer', PEER_MAC)] : []),
  ]
  const wires = endsOf(kind).map(name => `["node:${deviceTo(kind, name)}", "${name}:eth0"]`)
  return new Map([
    ...hosts.flatMap(filesOf),
    ['snapshot.yaml', `kernel: 6.18.44\nwires: [${wires.join(', ')}]\n`],
  ])
}
