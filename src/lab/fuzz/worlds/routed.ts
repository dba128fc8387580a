import { type Host, newHost } from '../host.js'
import type { Random } from '../random.js'
import { acquaint, leaf, listen, mac, policies, settings, veth } from './parts.js'
import type { World } from './world.js'

/**
 * How pods without a bridge reach their node: Calico answers ARP for an address that nobody has; CNI's ptp plugin gives
 * each device the same address; AWS types the neighbour in, and sends what pods say out by a second device.
 */
type Style = 'calico' | 'ptp' | 'aws'

const GATEWAY6 = 'fe80::ecee:eeff:feee:eeee'

/** A node that routes between its pods, each behind a device of its own. */
export function routedWorld(random: Random): World {
  const style = random.pick<Style>(['calico', 'ptp', 'aws'])
  const node = newHost('node')
  const hosts = [node]
  const wires: string[] = []
  for (const [i, pod] of ['a', 'b', 'c'].entries()) {
    const port = `cali${pod}`
    const [v4, v6] = [`10.244.1.${i + 2}`, `fd00:1::${i + 2}`]
    const own = style === 'ptp' ? ['10.244.1.1/32', 'fd00:1::1/128'] : []
    node.devices.push(veth(port, [...own, `${GATEWAY6}/64`], { mac: mac() }))
    node.routes.push(
      `${v4} dev ${port} scope ${style === 'ptp' ? 'host' : 'link'}`,
      `${v6} dev ${port} metric 1024 pref medium`,
    )
    const gateway = style === 'ptp' ? '10.244.1.1' : '169.254.1.1'
    const host = leaf(`node/netns/${pod}`, [`${v4}/32`, `${v6}/128`, `fe80::${i + 2}/64`], random, [
      `default via ${gateway} dev eth0`,
      `${gateway} dev eth0 scope link`,
      `default via ${GATEWAY6} dev eth0 metric 1024 pref medium`,
    ])
    if (style === 'aws')
      host.neighbours.push(`169.254.1.1 dev eth0 lladdr ${node.devices.at(-1)!.mac} PERMANENT`)
    hosts.push(host)
    wires.push(`[node:${port}, node/${pod}:eth0]`)
  }
  node.devices.push(veth('eth0', ['192.168.50.10/24', 'fd00:50::10/64']))
  const ext = leaf('node/netns/ext', ['192.168.50.20/24', 'fd00:50::20/64'], random, [
    '10.244.1.0/24 via 192.168.50.10 dev eth0',
    '10.96.0.0/12 via 192.168.50.10 dev eth0',
    'fd00:1::/64 via fd00:50::10 dev eth0 metric 1024 pref medium',
    'fd00:96::/64 via fd00:50::10 dev eth0 metric 1024 pref medium',
  ])
  if (random.chance(0.7)) ext.devices[0]!.addresses.push('203.0.113.9/32', '2001:db8::9/128')
  node.routes.push(
    'default via 192.168.50.20 dev eth0',
    'default via fd00:50::20 dev eth0 metric 1024 pref medium',
  )
  hosts.push(ext)
  wires.push('[node:eth0, node/ext:eth0]')
  acquaint(random, [node, 'eth0'], [ext, 'eth0'])
  listen(node, random)
  settings(node, random, false)
  if (style === 'calico') {
    if (random.chance(0.5)) node.routes.push('blackhole 10.244.1.0/24 proto 80')
    for (const pod of 'abc') node.sysctl.set(`net.ipv4.conf.cali${pod}.proxy_arp`, '1')
  }
  if (style === 'aws') secondDevice(node, ext, wires, random)
  else policies(node, random, ['via 192.168.50.20 dev eth0', 'via 10.244.1.3 dev calib'])
  const own = {
    v4: ['192.168.50.10', ...(style === 'ptp' ? ['10.244.1.1'] : []), '127.0.0.1'],
    v6: ['fd00:50::10', ...(style === 'ptp' ? ['fd00:1::1'] : [])],
  }
  return {
    kind: 'routed',
    hosts,
    nodes: [node],
    wires,
    addresses: {
      v4: [
        ...['10.244.1.2', '10.244.1.3', '10.244.1.4', '10.244.1.1', '192.168.50.10', '192.168.50.20'],
        ...['10.96.0.10', '203.0.113.9'],
      ],
      v6: ['fd00:1::2', 'fd00:1::3', 'fd00:1::1', 'fd00:50::10', 'fd00:50::20', 'fd00:96::10'],
    },
    networks: {
      v4: ['10.244.1.0/24', '192.168.50.0/24', '10.96.0.0/12', '203.0.113.0/24', '10.0.0.0/8'],
      v6: ['fd00:1::/64', 'fd00:50::/64', 'fd00:96::/64', 'fd00::/16'],
    },
    sources: ['a', 'b', 'c', 'ext', 'node'],
    own,
    devices: ['cali+', 'calia', 'eth0', 'lo', ...(style === 'aws' ? ['eth1'] : [])],
    ports: [],
  }
}

/** A second device, by which pods leave; what is marked goes out by the first. */
function secondDevice(node: Host, ext: Host, wires: string[], random: Random): void {
  node.devices.push(veth('eth1', ['192.168.60.10/24']))
  ext.devices.push(veth('eth1', ['192.168.60.20/24']))
  wires.push('[node:eth1, node/ext:eth1]')
  const loose = random.pick(['0', '2'])
  node.sysctl.set('net.ipv4.conf.eth0.rp_filter', loose)
  node.rules.push(
    ...[2, 3, 4].map(n => `512:\tfrom all to 10.244.1.${n} lookup main`),
    '1024:\tfrom all fwmark 0x80/0x80 lookup main',
    ...[2, 3, 4].filter(() => random.chance(0.7)).map(n => `1536:\tfrom 10.244.1.${n} lookup 2`),
  )
  node.routes.push('default via 192.168.60.20 dev eth1 table 2', '192.168.60.20 dev eth1 table 2 scope link')
  node.sysctl.set('net.ipv4.conf.eth1.send_redirects', '0')
}
