import { newHost } from '../host.js'
import type { Random } from '../random.js'
import { acquaint, leaf, listen, mac, policies, settings, veth, narrow, typed } from './parts.js'
import type { World } from './world.js'

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
    leaf('node/netns/ext', ['192.168.50.20/24', 'fd00:50::20/64'], random, [
      '10.244.1.0/24 via 192.168.50.10 dev eth0',
      '10.96.0.0/12 via 192.168.50.10 dev eth0',
      'fd00:1::/64 via fd00:50::10 dev eth0 metric 1024 pref medium',
      'fd00:96::/64 via fd00:50::10 dev eth0 metric 1024 pref medium',
    ]),
  )
  if (random.chance(0.7)) hosts.at(-1)!.devices[0]!.addresses.push('203.0.113.9/32', '2001:db8::9/128')
  wires.push('[node:eth0, node/ext:eth0]')
  narrow(random, [node, 'eth0'], [hosts.at(-1)!, 'eth0'])
  for (const pod of hosts.slice(1, 4)) {
    typed(random, node, 'cni0', pod, 'eth0')
    typed(random, pod, 'eth0', node, 'cni0')
  }
  acquaint(random, [node, 'eth0'], [hosts.at(-1)!, 'eth0'])
  acquaint(random, [node, 'cni0'], ...hosts.slice(1, 4).map(pod => [pod, 'eth0'] as const))
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
