import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../../src/model/snapshot.js'
import { InputError } from '../../src/parse/problems.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { namespacesOf } from '../../src/snapshot/names.js'
import { backendOf } from '../../src/snapshot/read-rulesets.js'
import { sysctlOf } from '../../src/snapshot/sysctl.js'

const load = (files: Record<string, string>) => loadSnapshot(new Map(Object.entries(files)))
const wires = (s: Snapshot) => s.wires.map(w => w.ends.map(e => `${e.netns}:${e.iface}`).join(' ')).sort()
const netns = (s: Snapshot, name: string) => namespacesOf(s).find(n => n.name === name)!

/** `eth0@if3 2 10.0.0.1/24` as `ip addr` prints it. */
const iface = (index: number, name: string, address?: string, master?: string, extra = '') =>
  `${index}: ${name}: <UP,LOWER_UP> mtu 1500 ${master ? `master ${master} ` : ''}state UP
    link/ether 02:00:00:00:00:${String(index).padStart(2, '0')} brd ff:ff:ff:ff:ff:ff ${extra}
${address ? `    inet ${address} scope global ${name.replace(/@.*/, '')}\n` : ''}`

const host =
  iface(2, 'eth0@if7', '192.168.50.10/24') +
  iface(3, 'cni0', '10.244.1.1/24') +
  iface(4, 'vetha@if2', undefined, 'cni0') +
  iface(5, 'vethb@if2', undefined, 'cni0')

describe('what is a snapshot', () => {
  test('folders of nodes, pods below netns/', () => {
    const s = load({
      'n1/ip-addr.txt': host,
      'n1/netns/a/ip-addr.txt': iface(2, 'eth0@if4', '10.244.1.2/24'),
      'n1/README.md': 'no dump',
    })
    expect(s.nodes.map(n => n.namespaces.map(x => x.name))).toEqual([['n1', 'a']])
    expect(netns(s, 'n1').files['ip-addr.txt']).toBe('n1/ip-addr.txt')
  })
  test('one node at the top level is called node; a folder around it all is looked through', () => {
    expect(load({ 'ip-addr.txt': host, 'netns/a/ss.txt': '' }).nodes[0]).toMatchObject({
      name: 'node',
      namespaces: [{ name: 'node' }, { name: 'a' }],
    })
    expect(load({ 'x/n1/ip-addr.txt': host, 'x/snapshot.yaml': 'title: T' })).toMatchObject({
      title: 'T',
      nodes: [{ name: 'n1' }],
    })
  })
  test('pods of one name, or with the name of a node, are told apart', () => {
    const s = load({
      'n1/ss.txt': '',
      'n2/ss.txt': '',
      'n1/netns/p/ss.txt': '',
      'n2/netns/p/ss.txt': '',
      'n2/netns/n1/ss.txt': '',
      'n1/netns/q/ss.txt': '',
    })
    expect(namespacesOf(s).map(n => n.name)).toEqual(['n1', 'n1/p', 'q', 'n2', 'n2/n1', 'n2/p'])
  })
  test('nothing known in it: an error, no empty world', () => {
    expect(() => load({ 'a/b.txt': 'x' })).toThrow(InputError)
  })
  test('names such as __proto__ are names', () => {
    const s = load({
      '__proto__/ss.txt': '',
      '__proto__/netns/constructor/sysctl.txt': '__proto__ = 1\nnet.ipv4.ip_forward = 1',
      'snapshot.yaml': 'endpoints: {__proto__: constructor}',
    })
    expect(namespacesOf(s).map(n => n.name)).toEqual(['__proto__', 'constructor'])
    expect(Object.keys(s.endpoints)).toEqual(['__proto__'])
    expect('netns' in {}).toBe(false)
  })
  test('it is frozen all the way down', () => {
    const s = load({
      'n1/ip-addr.txt': host,
      'n1/iptables-save.txt': '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j ACCEPT\nCOMMIT\n',
    })
    expect(Object.isFrozen(netns(s, 'n1').routes[0]?.nexthops)).toBe(true)
    expect(Object.isFrozen(netns(s, 'n1').rulesets[0]?.tables[0]?.chains[0]?.rules)).toBe(true)
  })
  test('a broken JSON twin: the text is read, with a warning', () => {
    const s = load({
      'n1/ip-addr.txt': host,
      'n1/ip-addr.json': '[{',
      'n1/ip-route.json': '[',
      'n1/ip-route.txt': 'default via 192.168.50.1 dev eth0',
    })
    expect(netns(s, 'n1').ifaces).toHaveLength(5)
    expect(netns(s, 'n1').routes[0]?.text).toBe('default via 192.168.50.1 dev eth0')
    expect(s.problems.filter(p => p.file === 'n1/ip-route.json').map(p => p.severity)).toEqual(['warning'])
  })
})

describe('veth pairs', () => {
  const a = iface(2, 'eth0@if4', '10.244.1.2/24')
  const b = iface(2, 'eth0@if5', '10.244.1.3/24')
  test('by index, both ways', () => {
    const s = load({ 'n/ip-addr.txt': host, 'n/netns/a/ip-addr.txt': a, 'n/netns/b/ip-addr.txt': b })
    expect(wires(s)).toEqual(['a:eth0 n:vetha', 'b:eth0 n:vethb'])
  })
  test('a host on a switch that was not dumped has the indexes of a pod: it is no pod', () => {
    const ext = iface(2, 'eth0@if5', '192.168.50.20/24')
    const s = load({ 'n/ip-addr.txt': host, 'n/netns/a/ip-addr.txt': a, 'n/netns/ext/ip-addr.txt': ext })
    expect(wires(s)).toEqual(['a:eth0 n:vetha', 'n:eth0 ext:eth0'])
    const all = load({
      'n/ip-addr.txt': host,
      'n/netns/a/ip-addr.txt': a,
      'n/netns/b/ip-addr.txt': b,
      'n/netns/0ext/ip-addr.txt': ext,
    })
    expect(wires(all)).toEqual(['a:eth0 n:vetha', 'b:eth0 n:vethb', 'n:eth0 0ext:eth0'])
  })
  test('two nodes whose pods have the same indexes', () => {
    const other = host.replaceAll('10.244.1.', '10.244.2.').replace('192.168.50.10', '192.168.50.11')
    const s = load({
      'n1/ip-addr.txt': host,
      'n1/netns/a/ip-addr.txt': a,
      'n2/ip-addr.txt': other,
      'n2/netns/a/ip-addr.txt': a.replace('10.244.1.', '10.244.2.'),
    })
    expect(wires(s)).toEqual(['n1/a:eth0 n1:vetha', 'n1:eth0 n2:eth0', 'n2/a:eth0 n2:vetha'])
  })
  test('without an index, the bridge knows behind which port a MAC lives', () => {
    const s = load({
      'n/ip-addr.txt': host,
      'n/bridge-fdb.txt': '02:00:00:00:00:09 dev vethb master cni0\n',
      'n/netns/p/ip-addr.txt': iface(9, 'eth0', '10.244.1.9/24'),
    })
    expect(wires(s)).toEqual(['n:vethb p:eth0'])
  })
  test('a pair inside one namespace', () => {
    expect(wires(load({ 'n/ip-addr.txt': iface(2, 'v0@v1') + iface(3, 'v1@v0') }))).toEqual(['n:v0 n:v1'])
  })
  test('Calico: the host end has no address, but routes to the pod by it', () => {
    const s = load({
      'n/ip-addr.txt': iface(8, 'cali1@if3') + iface(9, 'cali2@if3'),
      'n/ip-route.txt': '10.1.0.5 dev cali2 scope link\n10.1.0.4 dev cali1 scope link',
      'n/netns/p/ip-addr.txt': iface(3, 'eth0@if9', '10.1.0.5/32'),
    })
    expect(wires(s)).toEqual(['p:eth0 n:cali2'])
  })
})

describe('wires between machines', () => {
  test('uplinks that are ports of a bridge with the address (a flat network)', () => {
    const flat = (own: string) => iface(2, 'eth0', undefined, 'cni0') + iface(3, 'cni0', own)
    const s = load({ 'n1/ip-addr.txt': flat('10.28.252.241/16'), 'n2/ip-addr.txt': flat('10.28.252.242/16') })
    expect(wires(s)).toEqual(['n1:eth0 n2:eth0'])
  })
  test('host addresses with one gateway (clouds)', () => {
    const files = Object.fromEntries(
      ['n1', 'n2'].flatMap((n, i) => [
        [`${n}/ip-addr.txt`, iface(2, 'ens4', `10.128.0.${i + 2}/32`)],
        [`${n}/ip-route.txt`, 'default via 10.128.0.1 dev ens4\n10.128.0.1 dev ens4 scope link\n'],
      ]),
    )
    expect(wires(load(files))).toEqual(['n1:ens4 n2:ens4'])
  })
  test('as snapshot.yaml says, before anything is guessed; its mistakes have places', () => {
    const two = {
      'n1/ip-addr.txt': iface(2, 'eth0', '10.0.0.1/24'),
      'n2/ip-addr.txt': iface(2, 'eth0', '10.9.0.1/24'),
    }
    expect(wires(load({ ...two, 'snapshot.yaml': 'wires: [[n1:eth0, n2:eth0]]' }))).toEqual([
      'n1:eth0 n2:eth0',
    ])
    const bad = load({ ...two, 'snapshot.yaml': 'title: x\nwires: [[n1:eth0, n3:eth0], [n1:eth0, n2:et0]]' })
    expect(bad.problems).toMatchObject([
      {
        file: 'snapshot.yaml',
        line: 2,
        column: 19,
        message: expect.stringContaining('did you mean n1 or n2?'),
      },
      { line: 2, column: 30, message: expect.stringContaining('another wire') },
      { line: 2, column: 39, message: expect.stringContaining('did you mean eth0?') },
    ])
    expect(load(two).assumptions.join()).toContain('nothing joins n1, n2')
  })
})

describe('what is supposed', () => {
  test('every gap is told', () => {
    const s = load({ 'n/ip-addr.txt': host, 'n/netns/a/ip-addr.txt': iface(2, 'eth0@if4', '10.244.1.2/24') })
    const said = s.assumptions.join('\n')
    for (const word of [
      'ip-route',
      'ip-rule',
      'sysctl.txt',
      'ss.txt',
      'iptables-save.txt',
      'hairpin',
      'kernel',
      'default route',
    ])
      expect(said).toContain(word)
    const pod = netns(s, 'a')
    expect(pod.routes.map(r => r.text)).toEqual([
      'local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1',
      'local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1',
      'broadcast 127.255.255.255 dev lo table local proto kernel scope link src 127.0.0.1',
      'local 10.244.1.2 dev eth0 table local proto kernel scope host src 10.244.1.2',
      'broadcast 10.244.1.255 dev eth0 table local proto kernel scope link src 10.244.1.2',
      '10.244.1.0/24 dev eth0 proto kernel scope link src 10.244.1.2',
      'local ::1 dev lo table local proto kernel metric 0',
      'default via 10.244.1.1 dev eth0',
    ])
    expect(pod.rules.map(r => `${r.family} ${r.text}`)).toContain('ipv6 32766: from all lookup main')
    expect(pod.listenersKnown).toBe(false)
  })
  test('`ip route` without the local table', () => {
    const s = load({
      'n/ip-addr.txt': host,
      'n/ip-route.txt': 'default via 192.168.50.1 dev eth0\n10.244.1.0/24 dev cni0 scope link',
    })
    expect(netns(s, 'n').routes.filter(r => r.type === 'local' && r.family === 'ipv4')).toHaveLength(4)
    expect(netns(s, 'n').routes.filter(r => r.table === 254 && r.family === 'ipv4')).toHaveLength(2)
  })
  test('without ip addr, routes name devices and addresses', () => {
    const s = load({
      'n/ip-route.txt':
        '10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1\nlocal 10.96.0.1 dev kube-ipvs0 table local scope host',
    })
    expect(
      netns(s, 'n').ifaces.map(
        i => `${i.name} ${i.kind} ${i.addresses[0]?.address}/${i.addresses[0]?.prefixLength}`,
      ),
    ).toEqual(['lo loopback 127.0.0.1/8', 'cni0 bridge 10.244.1.1/24', 'kube-ipvs0 dummy 10.96.0.1/32'])
  })
  test('br_netfilter: the sysctl dump decides, then lsmod, then the rules', () => {
    const key = 'net.bridge.bridge-nf-call-iptables'
    const of = (files: Record<string, string>) => sysctlOf(netns(load(files), 'n'), key)
    const kube = '*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n'
    expect(of({ 'n/sysctl.txt': 'net.ipv4.ip_forward = 1', 'n/iptables-save.txt': kube })).toBeUndefined()
    expect(of({ 'n/sysctl.txt': `${key} = 0` })).toBe('0')
    expect(of({ 'n/lsmod.txt': 'br_netfilter 1 0' })).toBe('1')
    expect(of({ 'n/lsmod.txt': 'veth 1 0', 'n/iptables-save.txt': kube })).toBeUndefined()
    expect(of({ 'n/iptables-save.txt': kube })).toBe('1')
    expect(of({ 'n/iptables-save.txt': '' })).toBeUndefined()
  })
})

describe('sysctlOf', () => {
  const s = load({
    'n/sysctl.txt':
      'net.ipv4.conf.default.rp_filter = 2\nnet.ipv4.conf.flannel/1.rp_filter = 0\nnet.ipv4.ip_forward = 1',
    'n/netns/p/ss.txt': '',
  })
  test.each([
    ['n', 'net.ipv4.conf.flannel.1.rp_filter', '0'],
    ['n', 'net.ipv4.conf.eth0.rp_filter', '2'],
    ['n', 'net.ipv4.conf.all.rp_filter', '0'],
    ['n', 'net.ipv4.conf.eth0.forwarding', '1'],
    ['n', 'net.ipv6.conf.eth0.forwarding', '1'],
    ['p', 'net.ipv4.ip_forward', '0'],
    ['p', 'net.ipv4.conf.eth0.send_redirects', '1'],
    ['p', 'net.netfilter.nf_conntrack_tcp_timeout_established', '432000'],
    ['p', 'net.ipv4.vs.conntrack', '0'],
    ['p', 'net.bridge.bridge-nf-call-iptables', undefined],
    ['p', '__proto__', undefined],
    ['p', 'constructor', undefined],
  ])('%s %s is %s', (name, key, value) => {
    expect(sysctlOf(netns(s, name), key)).toBe(value)
  })
  test('a node whose sysctl.txt holds a few other keys only forwards, too', () => {
    const few = load({ 'n/sysctl.txt': 'net.bridge.bridge-nf-call-iptables = 1\n' })
    expect(sysctlOf(netns(few, 'n'), 'net.ipv4.ip_forward')).toBe('1')
    expect(few.assumptions.join()).toContain('lacks net.ipv4.ip_forward')
  })
  test('a node without sysctl.txt forwards', () => {
    expect(sysctlOf(netns(load({ 'n/ss.txt': '' }), 'n'), 'net.ipv4.conf.eth0.forwarding')).toBe('1')
  })
})

describe('rules of both back ends', () => {
  test.each([
    ['# Generated by iptables-nft-save v1.8.9 (nf_tables) on Fri', 'nft'],
    ['# Generated by xtables-save v1.8.2 on Fri', 'nft'],
    ['# Generated by iptables-save v1.8.9 (nf_tables) on Fri', 'nft'],
    ['# Generated by iptables-legacy-save v1.8.9 (legacy) on Fri', 'legacy'],
    ['# Generated by iptables-save v1.4.21 on Fri', 'legacy'],
    ['# Generated by ip6tables-save v1.8.7 on Fri', undefined],
    ['*nat', undefined],
  ])('%s', (header, backend) => expect(backendOf(header)).toBe(backend))
  test('both are read; a legacy twin of a legacy dump is not read twice', () => {
    const backends = (plain: string) =>
      netns(
        load({ 'n/iptables-save.txt': plain, 'n/iptables-legacy-save.txt': '*nat\nCOMMIT\n' }),
        'n',
      ).rulesets.map(r => r.backend)
    expect(backends('*nat\nCOMMIT\n')).toEqual(['nft', 'legacy'])
    expect(backends('# Generated by iptables-save v1.4.21 on Fri\n*nat\nCOMMIT\n')).toEqual(['legacy'])
  })
})

describe('snapshot.yaml', () => {
  const read = (yaml: string) =>
    load({ 'n1/ss.txt': '', 'n1/netns/client/ss.txt': '', 'snapshot.yaml': yaml })
  test('all of it', () => {
    const s = read(`title: A story
default: true
kernel: 6.10
retries: 2
clusterCIDR: 10.244.0.0/16, fd00:244::/56
serviceCIDRs: [10.96.0.0/12]
endpoints:
  pod: {node: n1, netns: client}
  host: {node: n1}
  svc: {ip: 10.96.0.10, port: 80}
  short: client
  there: n1/client:8080
  six: '[fd00::1]:443'
expect:
  - {src: pod, dst: svc, outcome: timeout, seen: 10.244.1.2, finding: no-way}
  - {title: mended, src: pod, dst: svc, proto: udp, dport: 53, set: {net.ipv4.ip_forward: 1}, outcome: ok}
fixes:
  - title: forward
    set: [n1:net.ipv4.ip_forward=1]
`)
    expect(s.problems).toEqual([])
    expect(s).toMatchObject({
      title: 'A story',
      isDefault: true,
      kernel: '6.10',
      retries: 2,
      clusterCidrs: [{ length: 16 }, { length: 56 }],
    })
    expect({ ...s.endpoints }).toEqual({
      pod: { netns: 'client' },
      host: { netns: 'n1' },
      svc: { address: '10.96.0.10', port: 80 },
      short: { netns: 'client' },
      there: { netns: 'client', port: 8080 },
      six: { address: 'fd00::1', port: 443 },
    })
    expect(s.expectations[1]).toEqual({
      title: 'mended',
      src: 'pod',
      dst: 'svc',
      proto: 'udp',
      dport: 53,
      set: ['net.ipv4.ip_forward=1'],
      outcome: 'ok',
    })
    expect(s.fixes).toEqual([{ title: 'forward', set: ['n1:net.ipv4.ip_forward=1'], apply: [] }])
  })
  test.each([
    ['titel: x', 1, 1, 'did you mean title?'],
    ['title: x\nendpoints: {pod: {nod: n1}}', 2, 19, 'did you mean node?'],
    ['endpoints: {pod: nobody}', 1, 18, 'no node or pod is called nobody'],
    ['endpoints: {pod: 10.0.0.1:99999}', 1, 18, 'expected'],
    ['kernel: new', 1, 9, 'expected a version'],
    ['expect:\n  - {src: a, dst: b, outcome: okay}', 2, 31, 'did you mean ok?'],
    ['expect:\n  - {src: a, outcome: ok}', 2, 5, '`dst` is missing'],
    ['fixes:\n  - {set: nothing}', 2, 11, '[NODE:]sysctl=value'],
    ['wires: [[n1:eth0]]', 1, 9, 'two ends'],
    ['a: &x [*x]\n', 1, 1, 'unknown key'],
    ['title: [', 1, 9, ''],
    ['- 1', 1, 1, 'expected a mapping'],
  ])('%s', (yaml, line, column, says) => {
    const found = read(yaml).problems.filter(p => p.severity === 'error')
    expect(found[0]).toMatchObject({ file: 'snapshot.yaml', line, column })
    expect(found[0]?.message).toContain(says)
  })
})
