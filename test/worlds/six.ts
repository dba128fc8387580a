import { filesOf, type Host, newHost } from '../../src/lab/fuzz/host.js'

interface Made {
  /** A dump of ip6tables-save, for the node. */
  readonly rules?: string
  /** Devices of the node without a link-local address. */
  readonly without?: readonly string[]
  readonly sysctl?: Readonly<Record<string, string>>
}

const LISTENS = {
  listeners: [
    { proto: 'udp' as const, address: '::', port: 53 },
    { proto: 'tcp' as const, address: '::', port: 80 },
  ],
}
const mac = (n: number): string => `02:00:00:00:00:0${n}`
const veth = (name: string, n: number, addresses: string[], master?: string) => ({
  ...{ name, kind: 'veth' as const, mac: mac(n), addresses },
  ...(master !== undefined && { master }),
})

function pod(name: string, n: number, address: string, gateway: string): Host {
  const host = { ...newHost(`node/netns/${name}`), ...LISTENS }
  host.devices.push(veth('eth0', n, [`${address}/64`, `fe80::${n}/64`]))
  host.routes.push(`default via ${gateway} dev eth0 metric 1024`)
  return host
}

/** Two pods a and b on the bridge br0 of a router, and ext behind its eth0: IPv6 alone, and no neighbour is known. */
export function sixWorld({ rules = '', without = [], sysctl = {} }: Made): Map<string, string> {
  const node = { ...newHost('node'), ip6tables: rules, ...LISTENS }
  const link = (dev: string, n: number) => (without.includes(dev) ? [] : [`fe80::${n}/64`])
  node.devices.push(
    { name: 'br0', kind: 'bridge', mac: mac(1), addresses: ['fd00:1::1/64', ...link('br0', 1)] },
    veth('vetha', 2, [], 'br0'),
    veth('vethb', 3, [], 'br0'),
    veth('eth0', 4, ['fd00:2::1/64', ...link('eth0', 4)]),
  )
  const settings = {
    'net.ipv6.conf.all.forwarding': '1',
    'net.bridge.bridge-nf-call-ip6tables': '1',
    ...sysctl,
  }
  for (const [key, value] of Object.entries(settings)) node.sysctl.set(key, value)
  const hosts = [
    node,
    pod('a', 5, 'fd00:1::a', 'fd00:1::1'),
    pod('b', 6, 'fd00:1::b', 'fd00:1::1'),
    pod('ext', 7, 'fd00:2::e', 'fd00:2::1'),
  ]
  const wires = ['node:vetha, node/a:eth0', 'node:vethb, node/b:eth0', 'node:eth0, node/ext:eth0']
  const yaml = `kernel: "6.18"\nwires:\n${wires.map(wire => `  - [${wire}]\n`).join('')}`
  return new Map([...hosts.flatMap(filesOf), ['snapshot.yaml', yaml]])
}
