import { newHost } from '../host.js'
import type { Random } from '../random.js'
import { acquaint, leaf, listen, policies, settings, veth, narrow, typed } from './parts.js'
import type { World } from './world.js'

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
    acquaint(random, [node, `eth${name[0]}`], [hosts.at(-1)!, 'eth0'])
    narrow(random, [node, `eth${name[0]}`], [hosts.at(-1)!, 'eth0'])
    typed(random, node, `eth${name[0]}`, hosts.at(-1)!, 'eth0')
    typed(random, hosts.at(-1)!, 'eth0', node, `eth${name[0]}`)
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
