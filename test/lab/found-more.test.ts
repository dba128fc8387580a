import { describe, expect, test } from 'vitest'
import { ask, host, kernelSaysTheSame, knows, rulesHit, small, table, world } from './small-worlds.js'

/** Differences that the fuzzer found once it drew more, each as small as it became, with what Linux 6.18 did. */
/** A node that is fd00:1::1 on eth0, and `a` behind it, fd00:1::2. */
const withLeaf6 = (node: ReturnType<typeof host>) =>
  small(
    [
      node,
      host(
        'node/netns/a',
        { eth0: ['fd00:1::2/64'] },
        {
          routes: ['default via fd00:1::1 dev eth0 metric 1024 pref medium'],
          neighbours: [knows('node', 'fd00:1::1')],
        },
      ),
    ],
    ['node:eth0, node/a:eth0'],
  )

describe('what more draws found', () => {
  test('rp_filter asks for the way back as from the device that the packet goes on by: `iif lo` is for what stays', () => {
    const node = host(
      'node',
      { eth0: ['10.1.0.1/24'], eth1: ['10.2.0.1/24'] },
      {
        sysctl: new Map([
          ['net.ipv4.ip_forward', '1'],
          ['net.ipv4.conf.all.rp_filter', '1'],
        ]),
        rules: ['100:\tfrom all iif lo lookup 100'],
        routes: ['unreachable default table 100'],
      },
    )
    const leaf = (name: string, n: number, at: number) =>
      host(
        `node/netns/${name}`,
        { eth0: [`10.${n}.0.2/24`] },
        {
          routes: [`default via 10.${n}.0.1 dev eth0`],
          neighbours: [knows('node', `10.${n}.0.1`, at)],
          listeners: [{ proto: 'tcp', address: '0.0.0.0', port: 80 }],
        },
      )
    const snapshot = small(
      [node, leaf('a', 1, 0), leaf('b', 2, 1)],
      ['node:eth0, node/a:eth0', 'node:eth1, node/b:eth0'],
    )
    expect(ask(snapshot, { src: 'a', dst: '10.2.0.2', dport: 80 }).outcome).toBe('ok')
    expect(ask(snapshot, { src: 'a', dst: '10.1.0.1', dport: 80 }).outcome).toBe('timeout')
  })

  test('a link-local address is one of the link that the packet came by', () => {
    const node = host(
      'node',
      { eth0: ['fd00:1::1/64'], eth1: ['fe80::9/64'] },
      {
        sysctl: new Map([['net.ipv6.conf.all.forwarding', '1']]),
        neighbours: [knows('node/netns/a', 'fd00:1::2')],
        listeners: [{ proto: 'udp', address: '::', port: 80 }],
        ip6tables:
          table('nat', 'PREROUTING', 'PREROUTING -m comment --comment r1 -j DNAT --to-destination fe80::9') +
          table('filter', 'INPUT', 'INPUT -p udp -m comment --comment r2 -j ACCEPT'),
      },
    )
    const snapshot = withLeaf6(node)
    const talk = ask(snapshot, { src: 'a', dst: 'fd00:7::1', proto: 'udp', dport: 80 })
    expect(rulesHit(talk, /r1/)).toBe(1)
    expect(rulesHit(talk, /r2/)).toBe(0)
  })

  test.each([
    ['for those behind another device', 'eth1', 'proxy_arp', [], 'ok'],
    [
      'not where a rule leads the asker nowhere',
      'eth1',
      'proxy_arp',
      ['100:\tfrom 10.1.0.2 lookup 100'],
      'lost',
    ],
    ['for those behind the same device (proxy_arp_pvlan)', 'eth0', 'proxy_arp_pvlan', [], 'seen'],
    ['not for them by proxy_arp', 'eth0', 'proxy_arp', [], 'lost'],
  ] as const)('a router answers ARP as it would lead packets on: %s', (_, dev, key, rules, becomes) => {
    const node = host(
      'node',
      { eth0: ['10.1.0.1/24'], eth1: [] },
      {
        sysctl: new Map([
          ['net.ipv4.ip_forward', '1'],
          [`net.ipv4.conf.eth0.${key}`, '1'],
          ['net.ipv4.conf.eth1.proxy_arp', '1'],
          ['net.ipv4.conf.eth0.send_redirects', '0'],
          ['net.ipv4.conf.all.send_redirects', '0'],
        ]),
        iptables: table('mangle', 'PREROUTING', 'PREROUTING -d 10.2.0.2 -m comment --comment r1'),
        rules: [...rules],
        routes: [`10.2.0.0/24 dev ${dev}`, 'unreachable default table 100'],
      },
    )
    const leaf = (name: string, n: number) =>
      host(
        `node/netns/${name}`,
        { eth0: [`10.${n}.0.2/24`] },
        {
          routes: [`10.${3 - n}.0.0/24 dev eth0`],
          listeners: [{ proto: 'tcp', address: '0.0.0.0', port: 80 }],
        },
      )
    const wires = ['node:eth0, node/a:eth0', 'node:eth1, node/b:eth0']
    const talk = ask(small([node, leaf('a', 1), leaf('b', 2)], wires), {
      src: 'a',
      dst: '10.2.0.2',
      dport: 80,
    })
    expect(talk.outcome).toBe(becomes === 'ok' ? 'ok' : 'host-unreachable')
    expect(rulesHit(talk, /r1/) > 0).toBe(becomes !== 'lost')
  })

  test("NAT by chance changes an echo's id, whichever side it translates", () => {
    for (const rules of [
      table('nat', 'INPUT', 'INPUT -p icmp -j SNAT --to-source 10.244.1.9 --random-fully'),
      table('nat', 'PREROUTING', 'PREROUTING -p icmp -j DNAT --to-destination 10.244.1.3 --random'),
    ]) {
      const talk = ask(world(rules), { src: 'a', dst: '10.244.1.1', proto: 'icmp' })
      const ids = talk.packets.flatMap(p => p.events).filter(e => e.kind === 'rewrite' && e.field === 'id')
      expect(ids.length).toBeGreaterThan(0)
    }
  })

  test('IPv6 does not ask for forwarding before ip6_forward(): DNAT on a bridge stays there, and routes that refuse tell', () => {
    const node = host('node', {}, { sysctl: new Map([['net.bridge.bridge-nf-call-ip6tables', '1']]) })
    node.devices.push({ name: 'cni0', kind: 'bridge', mac: '02:00:00:00:00:99', addresses: ['fd00:1::1/64'] })
    const pods = ['a', 'b'].map((name, at) => {
      node.devices.push({ name: `veth${name}`, kind: 'veth', addresses: [], master: 'cni0' })
      return host(
        `node/netns/${name}`,
        { eth0: [`fd00:1::${at + 2}/64`] },
        {
          routes: ['default via fd00:1::1 dev eth0 metric 1024 pref medium'],
          neighbours: [
            'fd00:1::1 dev eth0 lladdr 02:00:00:00:00:99 PERMANENT',
            knows(`node/netns/${'ba'[at]}`, `fd00:1::${3 - at}`),
          ],
          listeners: [{ proto: 'tcp', address: '::', port: 80 }],
        },
      )
    })
    for (const [at, name] of ['a', 'b'].entries())
      node.neighbours.push(knows(`node/netns/${name}`, `fd00:1::${at + 2}`, 0, 'cni0'))
    node.routes.push('prohibit fd00:7::/64 dev lo metric 1024 pref medium')
    node.ip6tables = table(
      'nat',
      'PREROUTING',
      'PREROUTING -d fd00:96::1 -m comment --comment r1 -j DNAT --to-destination fd00:1::3',
    )
    const snapshot = small([node, ...pods], ['node:vetha, node/a:eth0', 'node:vethb, node/b:eth0'])
    expect(ask(snapshot, { src: 'a', dst: 'fd00:96::1', dport: 80 }).outcome).toBe('ok')
    expect(ask(snapshot, { src: 'a', dst: 'fd00:7::1', proto: 'udp', dport: 80 }).outcome).toBe(
      'not-permitted',
    )
    // heard as a passing one: the client still holds its socket
    expect(ask(snapshot, { src: 'a', dst: 'fd00:8::1', dport: 80 }).because).toContain('no-route')
  })

  test('an error or reset about an untracked packet is tracked, whatever rules of raw say', () => {
    const untracked = table('raw', 'OUTPUT', 'OUTPUT -j CT --notrack')
    const marked = table('mangle', 'OUTPUT', 'OUTPUT -j CONNMARK --set-xmark 0x2/0xff')
    const refused = (how: string) =>
      table(
        'filter',
        'INPUT OUTPUT',
        'INPUT -m conntrack --ctstate NEW',
        `OUTPUT -p ${how === 'tcp-reset' ? 'tcp' : 'udp'} -j REJECT --reject-with ${how}`,
      )
    const ss = 'udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:*\ntcp LISTEN 0 16 0.0.0.0:80 0.0.0.0:*\n'
    const about = (proto: 'tcp' | 'udp', dport: number, how: string) =>
      ask(world(untracked + marked + refused(how), {}, { 'node/ss.txt': ss }), {
        ...{ src: 'ext', dst: '192.168.50.10', proto, dport },
      }).conntrack.node?.[0]
    expect(about('udp', 53, 'icmp-port-unreachable')).toContain('mark=2')
    // the reset is in the client's name: it ends the connection that has seen no answer
    expect(about('tcp', 80, 'tcp-reset')).toBeUndefined()
  })

  test("of a range of addresses one is chosen by the zone's number too, though it is of the answers alone", () => {
    const chosen = (zone: string) => {
      const rules =
        table('raw', 'PREROUTING', `PREROUTING -p tcp -j CT ${zone}`) +
        table('nat', 'PREROUTING', 'PREROUTING -p tcp -j DNAT --to-destination 10.244.1.2-10.244.1.4')
      const { conntrack } = ask(world(rules), { src: 'ext', dst: '10.96.0.10', dport: 80 })
      return / src=(10.244.1.\d) /.exec(conntrack.node![0]!)![1]
    }
    const by = ['--zone 1', '--zone-orig 1', '--zone-reply 1'].map(chosen)
    expect(new Set(by).size).toBe(1)
    expect(new Set([1, 2, 3, 4].map(n => chosen(`--zone-reply ${n}`))).size).toBeGreaterThan(1)
  })

  test('an IPv6 destination of a range is chosen word by word, each by what was chosen before it', () => {
    const node = host(
      'node',
      { eth0: ['fd00:1::1/64'] },
      {
        sysctl: new Map([['net.ipv6.conf.all.forwarding', '1']]),
        routes: ['default via fd00:1::2 dev eth0 metric 1024 pref medium'],
        neighbours: [knows('node/netns/a', 'fd00:1::2')],
      },
    )
    const range = 'PREROUTING -m comment --comment r1 -j DNAT --to-destination fd00:9::1-fd00:9::ff'
    node.ip6tables = table('nat', 'PREROUTING', range)
    const snapshot = withLeaf6(node)
    for (const dst of ['fd00:7::1', 'fd00:8::1']) {
      const talk = ask(snapshot, { src: 'a', dst, proto: 'udp', dport: 53 })
      expect(talk.conntrack.node![0]).toContain('src=fd00:9::')
    }
  })

  test('an error of IPv6 has an address of the device that its packet came in by, whichever way leads back', () => {
    const node = host(
      'node',
      { eth0: ['fd00:1::1/64'], eth1: ['fd00:2::1/64'] },
      {
        sysctl: new Map([['net.ipv6.conf.all.forwarding', '1']]),
        routes: ['prohibit fd00:9::/64 dev lo metric 1024 pref medium'],
        neighbours: ['fd00:1::9 dev eth0 lladdr 02:00:00:00:00:09 PERMANENT'],
      },
    )
    node.ip6tables = table('filter', 'OUTPUT')
    const stray = host(
      'node/netns/b',
      { eth0: ['fd00:2::2/64', 'fd00:1::9/128'] },
      {
        routes: ['default via fd00:2::1 dev eth0 metric 1024 pref medium'],
        neighbours: [knows('node', 'fd00:2::1', 1)],
      },
    )
    const a = host('node/netns/a', { eth0: ['fd00:1::2/64'] })
    const snapshot = small([node, a, stray], ['node:eth0, node/a:eth0', 'node:eth1, node/b:eth0'])
    const talk = ask(snapshot, { src: 'fd00:1::9', dst: 'fd00:9::9', proto: 'udp', dport: 53 })
    expect(talk.packets[1]!.summary).toContain('fd00:2::1 > fd00:1::9 adm-prohibited')
  })
})

kernelSaysTheSame()
