import { describe, expect, test } from 'vitest'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { trace } from '../../src/talk/trace.js'

/** One namespace beside another, by whatever devices are given. */
function world(node: string, pod: string, more: Readonly<Record<string, string>> = {}) {
  return loadSnapshot(
    new Map(
      Object.entries({
        'node/ip-addr.txt': node,
        'node/netns/pod/ip-addr.txt': pod,
        'node/ss.txt': 'tcp LISTEN 0 9 0.0.0.0:80 0.0.0.0:*\n',
        'node/netns/pod/ss.txt': 'tcp LISTEN 0 9 0.0.0.0:80 0.0.0.0:*\n',
        ...more,
      }),
    ),
  )
}
const device = (head: string, kind: string, address?: string, mac = '02:00:00:00:00:01') =>
  `${head}: <BROADCAST,UP,LOWER_UP> mtu 1500 state UP\n    link/ether ${mac} brd ff:ff:ff:ff:ff:ff\n    ${kind}\n${address ? `    inet ${address} scope global x\n` : ''}`

describe('what is not simulated is unknown by its name', () => {
  test.each([
    ['wireguard', 'wg0', 'wireguard'],
    ['tun', 'tun0', 'tun type tun pi off'],
    ['gre', 'gre1', 'gre remote 10.0.0.2 local 10.0.0.1'],
    ['geneve', 'gnv', 'geneve id 5 remote 10.0.0.2'],
    ['a kind of next year', 'new0', 'hyperlink speed 9'],
  ])('%s', (_, name, kind) => {
    const talk = trace(world(device(`2: ${name}`, kind, '10.9.0.1/24'), device('2: eth0', 'veth')), {
      src: 'node',
      dst: '10.9.0.2',
      dport: 80,
    })
    expect(talk.outcome).toBe('unknown')
    expect(talk.because).toContain(name)
    expect(talk.because).toContain(kind.split(' ')[0])
  })
  test('a bond over cards whose cable is not known', () => {
    const node =
      device('2: eth0', 'bond_slave state ACTIVE').replace('mtu 1500', 'mtu 1500 master bond0') +
      device('3: bond0', 'bond mode active-backup', '10.9.0.1/24')
    const talk = trace(world(node, ''), { src: 'node', dst: '10.9.0.2', dport: 80 })
    expect(talk).toMatchObject({ outcome: 'unknown', because: expect.stringContaining('bond0') })
  })
  test('what comes in by a device of a vrf', () => {
    const node = `${device('2: blue', 'vrf table 10')}${device('3: eth0@if2', 'veth', '10.9.0.1/24').replace('mtu 1500', 'mtu 1500 master blue')}`
    const pod = device('2: eth0@if3', 'veth', '10.9.0.2/24', '02:00:00:00:00:02')
    const talk = trace(world(node, pod), { src: 'pod', dst: '10.9.0.1', dport: 80 })
    expect(talk).toMatchObject({ outcome: 'unknown', because: expect.stringContaining('blue') })
  })
})

describe('devices on devices', () => {
  const pod = (kind: string, mac = '02:00:00:00:00:02') =>
    device('7: eth0@if2', kind, '10.9.0.2/24', mac).replace(' brd', ' brd ff:ff:ff:ff:ff:ff link-netnsid 0 x')
  test('a machine and its own macvlan pod never meet', () => {
    const there = world(device('2: eth0', 'veth', '10.9.0.1/24'), pod('macvlan mode bridge'))
    expect(there.wires).toEqual([])
    expect(trace(there, { src: 'pod', dst: '10.9.0.1', dport: 80 }).outcome).toBe('host-unreachable')
    expect(trace(there, { src: 'node', dst: '10.9.0.2', dport: 80 }).outcome).toBe('host-unreachable')
  })
  test('an ipvlan pod whose mode was not dumped is unknown', () => {
    const there = world(device('2: eth0', 'veth', '10.9.0.1/24'), pod('ipvlan', '02:00:00:00:00:01'), {
      'node/netns/pod/ip-neigh.txt': '10.9.0.1 dev eth0 lladdr 02:00:00:00:00:09 PERMANENT\n',
    })
    expect(trace(there, { src: 'pod', dst: '10.9.0.1', dport: 80 })).toMatchObject({
      outcome: 'unknown',
      because: expect.stringContaining('eth0'),
    })
  })
  test('rings of devices, which no kernel has, end', () => {
    const ring =
      device('2: a@b', 'vlan protocol 802.1Q id 5', '10.9.0.1/24') +
      device('3: b@a', 'vlan protocol 802.1Q id 6')
    const self = device('4: c@c', 'macvlan mode bridge', '10.8.0.1/24')
    for (const dst of ['10.9.0.2', '10.8.0.2'])
      expect(trace(world(ring + self, ''), { src: 'node', dst, dport: 80 }).outcome).toBe('host-unreachable')
  })
})
