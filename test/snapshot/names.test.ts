import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InputError } from '../../src/parse/problems.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { type LoneDump, loneDumpSnapshot } from '../../src/snapshot/lone-dump.js'
import { isUnknown, namespacesOf, primaryAddress, resolveEndpoint } from '../../src/snapshot/names.js'
import { sysctlOf } from '../../src/snapshot/sysctl.js'
import { withSysctl } from '../../src/snapshot/with-sysctl.js'

const eth0 = (address: string) =>
  `2: eth0: <UP> mtu 1500\n    link/ether 02:00:00:00:00:02\n    inet ${address} scope global eth0\n`
const snapshot = loadSnapshot(
  new Map([
    [
      'n1/ip-addr.txt',
      `${eth0('10.0.0.1/24')}5: kube-ipvs0: <> mtu 1500\n    dummy\n    inet 10.96.0.10/32 scope global kube-ipvs0\n`,
    ],
    ['n1/sysctl.txt', 'net.ipv4.ip_forward = 1\nnet.ipv4.conf.eth0.forwarding = 1\n'],
    ['n1/netns/p/ip-addr.txt', eth0('10.244.1.2/24')],
    ['n2/ip-addr.txt', eth0('10.0.0.2/24')],
    ['n2/netns/p/ip-addr.txt', eth0('10.244.2.2/24')],
    ['snapshot.yaml', 'endpoints: {svc: {ip: 10.96.0.10, port: 80}, pod: {node: n2, netns: p}}'],
  ]),
)

describe('resolveEndpoint', () => {
  test.each([
    ['svc', { address: '10.96.0.10', port: 80 }],
    ['svc:443', { address: '10.96.0.10', port: 443 }],
    ['pod', { netns: 'n2/p' }],
    ['n1/p', { netns: 'n1/p' }],
    ['n2', { netns: 'n2' }],
    ['node', { netns: 'n1' }],
    ['node:22', { netns: 'n1', port: 22 }],
    ['10.244.2.2', { netns: 'n2/p', address: '10.244.2.2' }],
    ['10.96.0.10:80', { address: '10.96.0.10', port: 80 }],
    ['[fd00::1]:80', { address: 'fd00::1', port: 80 }],
    ['127.0.0.1:80', { address: '127.0.0.1', port: 80 }],
  ])('%s', (text, found) => expect(resolveEndpoint(snapshot, text)).toEqual(found))
  test.each([
    ['pdo', ['pod']],
    ['svv:80', ['svc']],
    ['__proto__', []],
    ['toString', []],
    ['', []],
    ['10.0.0', undefined],
    ['n1:99999', undefined],
  ])('%s is unknown', (text, near) => {
    const found = resolveEndpoint(snapshot, text)
    expect(isUnknown(found)).toBe(true)
    if (near && isUnknown(found)) expect(found.suggestions).toEqual(near)
  })
  test('never throws', () => {
    fc.assert(fc.property(fc.string(), text => void resolveEndpoint(snapshot, text)))
  })
  test('primaryAddress', () => {
    expect(namespacesOf(snapshot).map(n => primaryAddress(n))).toEqual([
      '10.0.0.1',
      '10.244.1.2',
      '10.0.0.2',
      '10.244.2.2',
    ])
  })
})

describe('withSysctl', () => {
  const value = (s: typeof snapshot, netns: string, key: string) =>
    sysctlOf(namespacesOf(s).find(n => n.name === netns)!, key)
  test('one node, or every node; what it does not touch stays the same object', () => {
    const one = withSysctl(snapshot, 'n2:net.ipv4.conf.all.rp_filter=1')
    expect(value(one, 'n2', 'net.ipv4.conf.all.rp_filter')).toBe('1')
    expect(one.nodes[0]).toBe(snapshot.nodes[0])
    expect(Object.isFrozen(one.nodes[1]?.namespaces[0]?.sysctl)).toBe(true)
    const all = withSysctl(snapshot, 'net.ipv4.conf.all.rp_filter = 2')
    expect(['n1', 'n2', 'n1/p'].map(n => value(all, n, 'net.ipv4.conf.all.rp_filter'))).toEqual([
      '2',
      '2',
      '0',
    ])
    expect(value(withSysctl(snapshot, 'pod:net.ipv4.ip_forward=1'), 'n2/p', 'net.ipv4.ip_forward')).toBe('1')
  })
  test('setting a bridge-nf key loads br_netfilter', () => {
    const s = withSysctl(snapshot, 'n1:net.bridge.bridge-nf-call-iptables=0')
    expect(value(s, 'n1', 'net.bridge.bridge-nf-call-iptables')).toBe('0')
    expect(value(s, 'n1', 'net.bridge.bridge-nf-call-ip6tables')).toBe('1')
    expect(value(s, 'n1/p', 'net.bridge.bridge-nf-call-iptables')).toBeUndefined()
  })
  test('forwarding is one switch', () => {
    const s = withSysctl(snapshot, 'n1:net/ipv4/ip_forward=0')
    expect(value(s, 'n1', 'net.ipv4.conf.eth0.forwarding')).toBe('0')
  })
  test.each([
    '',
    'x',
    'a=b',
    'net.ipv4.ip_forward',
    'net.ipv4.ip_forward=',
    '=1',
    'n9:net.ipv4.ip_forward=1',
    ':net.a=1',
    '__proto__=1',
    '__proto__:net.ipv4.x=1',
  ])('refuses %j', spec => expect(() => withSysctl(snapshot, spec)).toThrow(InputError))
})

describe('a lone dump', () => {
  const rules = `*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SEP-A - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j KUBE-SEP-A
-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination 10.244.3.7:8080
COMMIT
`
  const lone = (more: Partial<LoneDump> = {}) =>
    loneDumpSnapshot({ iptables: { path: 'rules.txt', text: rules }, ...more })
  const addresses = (s: ReturnType<typeof lone>, name: string) =>
    namespacesOf(s)
      .find(n => n.name === name)
      ?.ifaces.flatMap(i =>
        i.kind === 'loopback' ? [] : i.addresses.map(a => `${i.name} ${a.address}/${a.prefixLength}`),
      )

  test('gets a node, a bridge, a client, the backend, and a world outside', () => {
    const s = lone({ src: '10.244.3.9', dst: '10.96.0.10:80' })
    expect(namespacesOf(s).map(n => n.name)).toEqual(['node', 'client', 'pod-10.244.3.7', 'outside'])
    expect(addresses(s, 'node')).toEqual(['eth0 192.168.50.10/24', 'cni0 10.244.0.1/16'])
    expect(addresses(s, 'client')).toEqual(['eth0 10.244.3.9/16'])
    expect(s.wires).toHaveLength(3)
    expect(namespacesOf(s)[0]?.rulesets[0]?.file).toBe('rules.txt')
    expect(namespacesOf(s).every(n => n.listenersKnown === false)).toBe(true)
    expect(s.assumptions.join('\n')).toContain('10.244.0.0/16 (the rules name it')
  })
  test('flags win', () => {
    const s = lone({
      podCidr: '10.244.3.0/24',
      nodeAddress: '10.0.0.7/16',
      bridge: 'br0',
      sysctls: ['net.bridge.bridge-nf-call-iptables=0'],
      src: '198.51.100.7',
    })
    expect(addresses(s, 'node')).toEqual(['eth0 10.0.0.7/16', 'br0 10.244.3.1/24'])
    expect(addresses(s, 'outside')).toContain('eth0 198.51.100.7/32')
    expect(sysctlOf(namespacesOf(s)[0]!, 'net.bridge.bridge-nf-call-iptables')).toBe('0')
  })
  test('the client asked for is the backend itself', () => {
    expect(namespacesOf(lone({ src: '10.244.3.7' })).map(n => n.name)).toEqual(['node', 'client', 'outside'])
  })
  test("an address of the cluster that no rule knows is nobody's", () => {
    expect(addresses(lone({ dst: '10.96.0.99:80' }), 'outside')).toEqual(['eth0 192.168.50.1/24'])
  })
  test("IPVS services stand on kube-ipvs0, those of NodePorts tell the node's address", () => {
    const text = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.0.5.5:30080 rr
  -> 10.233.64.43:80              Masq    1      0          0
TCP  10.233.0.10:80 rr
  -> 10.233.64.43:80              Masq    1      0          0
`
    const s = loneDumpSnapshot({ ipvs: { path: 'ipvs.txt', text } })
    expect(addresses(s, 'node')).toEqual([
      'eth0 10.0.5.5/24',
      'cni0 10.233.64.1/24',
      'kube-ipvs0 10.233.0.10/32',
    ])
    expect(addresses(s, 'pod-10.233.64.43')).toEqual(['eth0 10.233.64.43/24'])
  })
  test('mistakes in the flags are errors', () => {
    for (const bad of [{ podCidr: 'x' }, { nodeAddress: '1.2.3' }, { bridge: 'a b' }, { sysctls: ['x'] }])
      expect(() => lone(bad)).toThrow(InputError)
    expect(() => loneDumpSnapshot({})).toThrow(InputError)
  })
})
