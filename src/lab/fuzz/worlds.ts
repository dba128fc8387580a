import { type Device, type Host, newHost } from './host.js'
import type { Random } from './random.js'

/** A random world, and what rules and flows are drawn from. */
export interface World {
  readonly kind: 'bridge' | 'router' | 'two'
  readonly hosts: Host[]
  /** Hosts that have rules. */
  readonly nodes: Host[]
  readonly wires: string[]
  readonly addresses: { readonly v4: readonly string[]; readonly v6: readonly string[] }
  readonly networks: { readonly v4: readonly string[]; readonly v6: readonly string[] }
  /** Names that flows start from. */
  readonly sources: readonly string[]
  /** Addresses of the nodes themselves. */
  readonly own: { readonly v4: readonly string[]; readonly v6: readonly string[] }
  readonly devices: readonly string[]
  readonly ports: readonly string[]
}

export const TCP_PORTS = [80, 8080, 2483] as const
export const UDP_PORTS = [53, 8080] as const

let macs = 0
const mac = (): string => {
  macs = (macs + 1) & 0xffff
  return `02:00:00:00:${(macs >> 8).toString(16).padStart(2, '0')}:${(macs & 255).toString(16).padStart(2, '0')}`
}
const veth = (name: string, addresses: string[] = [], more: Partial<Device> = {}): Device => ({
  name,
  kind: 'veth',
  mac: mac(),
  addresses,
  ...more,
})

function listen(host: Host, random: Random): void {
  for (const family of ['0.0.0.0', '::'])
    for (const [proto, ports] of [
      ['tcp', TCP_PORTS],
      ['udp', UDP_PORTS],
    ] as const)
      for (const port of ports) if (random.chance(0.92)) host.listeners.push({ proto, address: family, port })
  if (random.chance(0.3)) host.listeners.push({ proto: 'tcp', address: '127.0.0.1', port: 9999 })
}

/** What rules do to neighbour discovery is not simulated: in IPv6 everybody knows everybody on the wire. */
function acquaint(...ends: (readonly [host: Host, dev: string])[]): void {
  const known = ends.flatMap(([host, dev]) => {
    const device = host.devices.find(d => d.name === dev)!
    return device.addresses
      .filter(a => a.includes(':'))
      .map(a => ({ host, address: a.split('/')[0]!, mac: device.mac! }))
  })
  for (const [host, dev] of ends)
    for (const one of known)
      if (one.host !== host) host.neighbours.push(`${one.address} dev ${dev} lladdr ${one.mac} PERMANENT`)
}

const leaf = (folder: string, addresses: string[], random: Random, routes: string[]): Host => {
  const host = newHost(folder)
  host.devices.push(veth('eth0', addresses))
  host.routes.push(...routes)
  host.sysctl.set('net.ipv4.icmp_ratelimit', '0')
  host.sysctl.set('net.ipv6.icmp.ratelimit', '0')
  listen(host, random)
  return host
}

/** Settings of a node; rare ones rarely. */
function settings(node: Host, random: Random, bridge: boolean): void {
  const set = (key: string, value: number | string) => node.sysctl.set(key, String(value))
  set('net.ipv4.ip_forward', random.chance(0.93) ? 1 : 0)
  set('net.ipv6.conf.all.forwarding', random.chance(0.93) ? 1 : 0)
  if (bridge && random.chance(0.9)) {
    set('net.bridge.bridge-nf-call-iptables', random.chance(0.7) ? 1 : 0)
    set('net.bridge.bridge-nf-call-ip6tables', random.chance(0.7) ? 1 : 0)
  }
  const all = random.weighted([
    [8, 0],
    [1.5, 1],
    [1.5, 2],
  ])
  set('net.ipv4.conf.all.rp_filter', all)
  for (const device of node.devices) {
    // sysctl spells eth0.100 with a slash
    const name = device.name.replaceAll('.', '/')
    set(`net.ipv4.conf.${name}.rp_filter`, random.chance(0.9) ? 0 : 1 + random.below(2))
    // how often errors and redirects were sent before is no part of a flow: both limits are off
    set(`net.ipv4.conf.${name}.send_redirects`, 0)
    if (random.chance(0.06)) set(`net.ipv4.conf.${name}.route_localnet`, 1)
    if (random.chance(0.04)) set(`net.ipv4.conf.${name}.accept_local`, 1)
    if (random.chance(0.05)) set(`net.ipv4.conf.${name}.src_valid_mark`, 1)
  }
  set('net.ipv4.conf.all.send_redirects', 0)
  set('net.ipv4.icmp_ratelimit', 0)
  set('net.ipv6.icmp.ratelimit', 0)
  if (random.chance(0.08)) set('net.netfilter.nf_conntrack_tcp_loose', 0)
  if (random.chance(0.08)) set('net.netfilter.nf_conntrack_tcp_be_liberal', 1)
  if (random.chance(0.06)) set('net.ipv4.icmp_errors_use_inbound_ifaddr', 1)
  if (random.chance(0.04)) set('net.ipv4.icmp_echo_ignore_all', 1)
  if (random.chance(0.06)) set('net.ipv4.fwmark_reflect', 1)
  if (random.chance(0.05)) set('net.ipv4.ip_default_ttl', 32)
}

/** Policy routing: a mark, a source or a device sends to a table of its own. */
function policies(node: Host, random: Random, gateways: readonly string[]): void {
  if (random.chance(0.75)) return
  const selector = random.pick([
    'from all fwmark 0x1',
    'from all fwmark 0x4000/0x4000',
    ...(gateways.length > 0 ? ['from 10.244.1.2'] : []),
    'from all iif lo',
    'from all to 10.96.0.0/12',
  ])
  node.rules.push(`100:\t${selector} lookup 100`)
  const what = random.pick([
    ...gateways.map(g => `default ${g} table 100`),
    'unreachable default table 100',
    'blackhole default table 100',
    'prohibit default table 100',
    'throw default table 100',
  ])
  node.routes.push(what)
}

const BRIDGE = {
  addresses: {
    v4: [
      '10.244.1.2',
      '10.244.1.3',
      '10.244.1.4',
      '10.244.1.1',
      '192.168.50.10',
      '192.168.50.20',
      '10.96.0.10',
      '10.96.0.11',
      '203.0.113.9',
    ],
    v6: ['fd00:1::2', 'fd00:1::3', 'fd00:1::1', 'fd00:50::10', 'fd00:50::20', 'fd00:96::10'],
  },
  networks: {
    v4: ['10.244.1.0/24', '192.168.50.0/24', '10.96.0.0/12', '10.244.1.0/25', '203.0.113.0/24', '10.0.0.0/8'],
    v6: ['fd00:1::/64', 'fd00:50::/64', 'fd00:96::/64', 'fd00::/16'],
  },
} as const

export function bridgeWorld(random: Random): World {
  const node = newHost('node')
  node.devices.push({
    name: 'cni0',
    kind: 'bridge',
    mac: mac(),
    addresses: ['10.244.1.1/24', 'fd00:1::1/64'],
  })
  const wires: string[] = []
  const hosts = [node]
  for (const [i, pod] of ['a', 'b', 'c'].entries()) {
    const port = `veth${pod}`
    node.devices.push(
      veth(port, [], { master: 'cni0', hairpin: random.chance(0.3), isolated: random.chance(0.04) }),
    )
    hosts.push(
      leaf(`node/netns/${pod}`, [`10.244.1.${i + 2}/24`, `fd00:1::${i + 2}/64`], random, [
        'default via 10.244.1.1 dev eth0',
        'default via fd00:1::1 dev eth0 metric 1024 pref medium',
      ]),
    )
    // what a bridge has learned before is no part of a flow
    node.fdb.push(`${hosts.at(-1)!.devices.at(-1)!.mac} dev ${port} master cni0 static`)
    wires.push(`[node:${port}, node/${pod}:eth0]`)
  }
  node.devices.push(veth('eth0', ['192.168.50.10/24', 'fd00:50::10/64']))
  node.routes.push(
    'default via 192.168.50.20 dev eth0',
    'default via fd00:50::20 dev eth0 metric 1024 pref medium',
  )
  hosts.push(
    leaf(
      'node/netns/ext',
      ['192.168.50.20/24', 'fd00:50::20/64', ...(random.chance(0.7) ? ['203.0.113.9/32'] : [])],
      random,
      [
        '10.244.1.0/24 via 192.168.50.10 dev eth0',
        '10.96.0.0/12 via 192.168.50.10 dev eth0',
        'fd00:1::/64 via fd00:50::10 dev eth0 metric 1024 pref medium',
        'fd00:96::/64 via fd00:50::10 dev eth0 metric 1024 pref medium',
      ],
    ),
  )
  wires.push('[node:eth0, node/ext:eth0]')
  acquaint([node, 'eth0'], [hosts.at(-1)!, 'eth0'])
  acquaint([node, 'cni0'], ...hosts.slice(1, 4).map(pod => [pod, 'eth0'] as const))
  listen(node, random)
  settings(node, random, true)
  policies(node, random, ['via 192.168.50.20 dev eth0', 'via 10.244.1.3 dev cni0'])
  return {
    kind: 'bridge',
    hosts,
    nodes: [node],
    wires,
    ...BRIDGE,
    sources: ['a', 'b', 'c', 'ext', 'node'],
    own: { v4: ['10.244.1.1', '192.168.50.10', '127.0.0.1'], v6: ['fd00:1::1', 'fd00:50::10'] },
    devices: ['cni0', 'eth0', 'lo', 'veth+', 'vetha'],
    ports: ['vetha', 'vethb', 'vethc', 'veth+'],
  }
}

export function routerWorld(random: Random): World {
  const node = newHost('node')
  const hosts = [node]
  const wires: string[] = []
  const nets = [
    ['lan', '10.0.1', 'fd00:1:'],
    ['dmz', '10.0.2', 'fd00:2:'],
    ['ext', '198.51.100', 'fd00:50:'],
  ] as const
  for (const [name, v4, v6] of nets) {
    node.devices.push(veth(`eth${name[0]}`, [`${v4}.1/24`, `${v6}:1/64`]))
    hosts.push(
      leaf(`node/netns/${name}`, [`${v4}.2/24`, `${v6}:2/64`], random, [
        `default via ${v4}.1 dev eth0`,
        `default via ${v6}:1 dev eth0 metric 1024 pref medium`,
      ]),
    )
    wires.push(`[node:eth${name[0]}, node/${name}:eth0]`)
    acquaint([node, `eth${name[0]}`], [hosts.at(-1)!, 'eth0'])
  }
  node.routes.push(
    'default via 198.51.100.2 dev ethe',
    'default via fd00:50::2 dev ethe metric 1024 pref medium',
  )
  if (random.chance(0.3))
    node.routes.push(
      random.pick([
        'unreachable 203.0.113.0/24',
        'blackhole 203.0.113.0/24',
        'prohibit 203.0.113.0/24',
        '203.0.113.0/24 via 10.0.2.2 dev ethd',
      ]),
    )
  listen(node, random)
  settings(node, random, false)
  policies(node, random, ['via 10.0.2.2 dev ethd', 'via 10.0.1.2 dev ethl'])
  return {
    kind: 'router',
    hosts,
    nodes: [node],
    wires,
    addresses: {
      v4: [
        '10.0.1.2',
        '10.0.2.2',
        '198.51.100.2',
        '10.0.1.1',
        '10.0.2.1',
        '198.51.100.1',
        '10.96.0.10',
        '203.0.113.9',
      ],
      v6: ['fd00:1::2', 'fd00:2::2', 'fd00:50::2', 'fd00:1::1', 'fd00:50::1', 'fd00:96::10'],
    },
    networks: {
      v4: ['10.0.1.0/24', '10.0.2.0/24', '198.51.100.0/24', '10.0.0.0/8', '203.0.113.0/24', '10.96.0.0/12'],
      v6: ['fd00:1::/64', 'fd00:2::/64', 'fd00:50::/64', 'fd00::/16'],
    },
    sources: ['lan', 'dmz', 'ext', 'node'],
    own: {
      v4: ['10.0.1.1', '10.0.2.1', '198.51.100.1', '127.0.0.1'],
      v6: ['fd00:1::1', 'fd00:2::1', 'fd00:50::1'],
    },
    devices: ['ethl', 'ethd', 'ethe', 'eth+', 'lo'],
    ports: [],
  }
}

export function twoWorld(random: Random): World {
  const hosts: Host[] = []
  const nodes: Host[] = []
  const wires: string[] = []
  const vtep = [mac(), mac()]
  for (const [i, name] of ['node', 'node2'].entries()) {
    const n = i + 1
    const other = 3 - n
    const node = newHost(name)
    node.devices.push({ name: 'cni0', kind: 'bridge', mac: mac(), addresses: [`10.244.${n}.1/24`] })
    node.devices.push(veth('eth0', [`192.168.50.${9 + n}/24`]))
    node.devices.push({
      name: 'flannel.1',
      kind: 'vxlan',
      mac: vtep[i]!,
      addresses: [`10.244.${n}.0/32`],
      data: { id: 1, local: `192.168.50.${9 + n}`, link: 'eth0', port: 8472, learning: false },
    })
    node.routes.push(`10.244.${other}.0/24 via 10.244.${other}.0 dev flannel.1 onlink`)
    node.routes.push('default via 192.168.50.20 dev eth0')
    node.neighbours.push(`10.244.${other}.0 dev flannel.1 lladdr ${vtep[1 - i]} PERMANENT`)
    node.fdb.push(`${vtep[1 - i]} dev flannel.1 dst 192.168.50.${9 + other} self permanent`)
    hosts.push(node)
    nodes.push(node)
    for (const [j, pod] of (n === 1 ? ['a', 'b'] : ['d', 'e']).entries()) {
      node.devices.push(veth(`veth${pod}`, [], { master: 'cni0', hairpin: random.chance(0.3) }))
      hosts.push(
        leaf(`${name}/netns/${pod}`, [`10.244.${n}.${j + 2}/24`], random, [
          `default via 10.244.${n}.1 dev eth0`,
        ]),
      )
      node.fdb.push(`${hosts.at(-1)!.devices.at(-1)!.mac} dev veth${pod} master cni0 static`)
      wires.push(`[${name}:veth${pod}, ${name}/${pod}:eth0]`)
    }
    listen(node, random)
    settings(node, random, true)
  }
  hosts.push(
    leaf('node/netns/ext', ['192.168.50.20/24'], random, [
      '10.244.1.0/24 via 192.168.50.10 dev eth0',
      '10.244.2.0/24 via 192.168.50.11 dev eth0',
      '10.96.0.0/12 via 192.168.50.10 dev eth0',
    ]),
  )
  wires.push('[node:eth0, node2:eth0, node/ext:eth0]')
  return {
    kind: 'two',
    hosts,
    nodes,
    wires,
    addresses: {
      v4: [
        '10.244.1.2',
        '10.244.1.3',
        '10.244.2.2',
        '10.244.2.3',
        '192.168.50.10',
        '192.168.50.11',
        '192.168.50.20',
        '10.96.0.10',
      ],
      v6: [],
    },
    networks: {
      v4: ['10.244.1.0/24', '10.244.2.0/24', '10.244.0.0/16', '192.168.50.0/24', '10.96.0.0/12'],
      v6: [],
    },
    sources: ['a', 'b', 'd', 'ext', 'node', 'node2'],
    own: { v4: ['10.244.1.1', '192.168.50.10', '192.168.50.11'], v6: [] },
    devices: ['cni0', 'eth0', 'flannel.1', 'veth+', 'lo'],
    ports: ['vetha', 'vethb', 'veth+'],
  }
}
