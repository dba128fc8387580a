import { type Host, newHost } from '../host.js'
import type { Random } from '../random.js'
import { acquaint, leaf, listen, mac, policies, settings, veth } from './parts.js'
import type { World } from './world.js'

/** How one node's pods reach the other's: in a tunnel, or by plain routes between the nodes. */
type Way = 'vxlan' | 'host-gw'

export function twoWorld(random: Random): World {
  const hosts: Host[] = []
  const nodes: Host[] = []
  const wires: string[] = []
  const six = random.chance(0.6)
  const both = (v4: string, v6: string): string[] => (six ? [v4, v6] : [v4])
  const way: Way = random.chance(0.75) ? 'vxlan' : 'host-gw'
  const way6: Way = random.chance(0.75) ? way : 'host-gw'
  const vtep = [mac(), mac()]
  for (const [i, name] of ['node', 'node2'].entries()) {
    const n = i + 1
    const other = 3 - n
    const node = newHost(name)
    node.devices.push({
      ...{ name: 'cni0', kind: 'bridge', mac: mac() },
      addresses: both(`10.244.${n}.1/24`, `fd00:${n}::1/64`),
    })
    node.devices.push(veth('eth0', both(`192.168.50.${9 + n}/24`, `fd00:50::${9 + n}/64`)))
    if (way === 'vxlan') {
      node.devices.push({
        ...{ name: 'flannel.1', kind: 'vxlan', mac: vtep[i]! },
        addresses: both(`10.244.${n}.0/32`, `fd00:${n}::ffff/128`),
        data: { id: 1, local: `192.168.50.${9 + n}`, link: 'eth0', port: 8472, learning: false },
      })
      for (const address of both(`10.244.${other}.0`, `fd00:${other}::ffff`))
        node.neighbours.push(`${address} dev flannel.1 lladdr ${vtep[1 - i]} PERMANENT`)
      node.fdb.push(`${vtep[1 - i]} dev flannel.1 dst 192.168.50.${9 + other} self permanent`)
    }
    node.routes.push(
      way === 'vxlan'
        ? `10.244.${other}.0/24 via 10.244.${other}.0 dev flannel.1 onlink`
        : `10.244.${other}.0/24 via 192.168.50.${9 + other} dev eth0`,
      'default via 192.168.50.20 dev eth0',
    )
    if (six)
      node.routes.push(
        `fd00:${other}::/64 via ${way6 === 'vxlan' ? `fd00:${other}::ffff dev flannel.1` : `fd00:50::${9 + other} dev eth0`} metric 1024 ${way6 === 'vxlan' ? 'onlink ' : ''}pref medium`,
        'default via fd00:50::20 dev eth0 metric 1024 pref medium',
      )
    hosts.push(node)
    nodes.push(node)
    const pods: (readonly [Host, string])[] = []
    for (const [j, pod] of (n === 1 ? ['a', 'b'] : ['d', 'e']).entries()) {
      node.devices.push(veth(`veth${pod}`, [], { master: 'cni0', hairpin: random.chance(0.3) }))
      const addresses = both(`10.244.${n}.${j + 2}/24`, `fd00:${n}::${j + 2}/64`)
      const routes = both(
        `default via 10.244.${n}.1 dev eth0`,
        `default via fd00:${n}::1 dev eth0 metric 1024 pref medium`,
      )
      const host = leaf(`${name}/netns/${pod}`, addresses, random, routes)
      hosts.push(host)
      pods.push([host, 'eth0'])
      node.fdb.push(`${host.devices.at(-1)!.mac} dev veth${pod} master cni0 static`)
      wires.push(`[${name}:veth${pod}, ${name}/${pod}:eth0]`)
    }
    acquaint(random, [node, 'cni0'], ...pods)
    listen(node, random)
    settings(node, random, true)
    policies(node, random, ['via 192.168.50.20 dev eth0', `via 192.168.50.${9 + other} dev eth0`])
  }
  const ext = leaf('node/netns/ext', both('192.168.50.20/24', 'fd00:50::20/64'), random, [
    '10.244.1.0/24 via 192.168.50.10 dev eth0',
    '10.244.2.0/24 via 192.168.50.11 dev eth0',
    '10.96.0.0/12 via 192.168.50.10 dev eth0',
    ...(six
      ? ['fd00:1::/64 10', 'fd00:2::/64 11', 'fd00:96::/64 10'].map(
          text => `${text.split(' ')[0]} via fd00:50::${text.split(' ')[1]} dev eth0 metric 1024 pref medium`,
        )
      : []),
  ])
  if (random.chance(0.7)) ext.devices[0]!.addresses.push(...both('203.0.113.9/32', '2001:db8::9/128'))
  hosts.push(ext)
  acquaint(random, [nodes[0]!, 'eth0'], [nodes[1]!, 'eth0'], [ext, 'eth0'])
  wires.push('[node:eth0, node2:eth0, node/ext:eth0]')
  return {
    kind: 'two',
    tunnels: way === 'vxlan',
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
      v6: six
        ? ['fd00:1::2', 'fd00:1::3', 'fd00:2::2', 'fd00:2::3', 'fd00:50::10', 'fd00:50::20', 'fd00:96::10']
        : [],
    },
    networks: {
      v4: ['10.244.1.0/24', '10.244.2.0/24', '10.244.0.0/16', '192.168.50.0/24', '10.96.0.0/12'],
      v6: ['fd00:1::/64', 'fd00:2::/64', 'fd00:50::/64', 'fd00::/16'],
    },
    sources: ['a', 'b', 'd', 'ext', 'node', 'node2'],
    own: {
      v4: ['10.244.1.1', '192.168.50.10', '192.168.50.11'],
      v6: six ? ['fd00:1::1', 'fd00:50::10', 'fd00:50::11'] : [],
    },
    devices: ['cni0', 'eth0', ...(way === 'vxlan' ? ['flannel.1'] : []), 'veth+', 'lo'],
    ports: ['vetha', 'vethb', 'veth+'],
  }
}
