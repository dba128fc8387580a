import { type Host, newHost } from '../host.js'
import type { Random } from '../random.js'
import { leaf, listen, mac, settings, veth } from './parts.js'
import type { World } from './world.js'

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
