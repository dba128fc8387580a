import { describe, expect, test } from 'vitest'
import { ask, DNS, host, kernelSaysTheSame, small, table, world } from './small-worlds.js'
import { sixWorld } from '../worlds/six.js'
import { loadSnapshot } from '../../src/snapshot/load.js'

/** What the ledger once said that nfsim does not model, each in a small world. */
describe('once in the ledger', () => {
  test('-m string finds what an ICMP error quotes', () => {
    const rule = 'PREROUTING -p icmp -m string --string "seen" --algo bm'
    const flow = { src: 'a', dst: '192.168.50.10', proto: 'udp' as const, dport: 8080 }
    // the answer comes from another address, and the client's machine says so; what servers say is told to the lab alone
    const talk = ask(world(table('raw', 'PREROUTING', rule)), flow)
    expect(talk.choices.map(c => c.at)).toEqual(["node raw:PREROUTING:1 can't be decided"])
    expect(talk.packets.at(-1)!.summary).toContain('port-unreachable')
  })

  test.each([
    ['0 2147483647', 'timeout'],
    ['1 0', 'not-permitted'],
  ])('a ping of IPv6 with ping_group_range %s whose packet OUTPUT drops: %s', (groups, outcome) => {
    const rules = table('filter', 'OUTPUT', 'OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP')
    const sysctl = { 'net.ipv4.ping_group_range': groups }
    const snapshot = loadSnapshot(sixWorld({ rules, sysctl }))
    expect(ask(snapshot, { src: 'node', dst: 'fd00:1::a', proto: 'icmp' }).outcome).toBe(outcome)
  })

  test.each([
    ['fd00:1::b', 'fe80::1', 1],
    // it knows none but link-local gateways, and no address to say it from
    ['fd00:9::1', 'fe80::1', 0],
    ['fd00:1::b', undefined, 0],
  ])('IPv6 tells who could have gone to %s itself (from %s): %i', (dst, link, told) => {
    const more = link === undefined ? [] : [`${link}/64`]
    const node = host(
      'node',
      { eth0: ['fd00:1::1/64', ...more] },
      {
        sysctl: new Map([['net.ipv6.conf.all.forwarding', '1']]),
        routes: ['fd00:9::/64 via fd00:1::b dev eth0 metric 1024'],
      },
    )
    const a = host(
      'node/netns/a',
      { eth0: ['fd00:1::a/64', 'fe80::a/64'] },
      { routes: [`${dst} via fd00:1::1 dev eth0 metric 1024`] },
    )
    const b = host('node/netns/b', { eth0: ['fd00:1::b/64', 'fe80::b/64'] }, DNS)
    const snapshot = small([node, a, b], ['node:eth0, node/a:eth0, node/b:eth0'])
    const talk = ask(snapshot, { src: 'a', dst, proto: 'udp', dport: 53 })
    expect(talk.packets.filter(p => p.summary.endsWith(' redirect'))).toHaveLength(told)
    expect(talk.assumptions.filter(text => text.includes('a redirect teaches'))).toHaveLength(told)
  })

  test('a realm is that of the way on, and in the upper half that of the way back to the source', () => {
    const rules = (chains: string) =>
      table(
        'mangle',
        chains,
        ...chains
          .split(' ')
          .flatMap(chain =>
            ['0x7', '0x50007', '0x50000', '0x70000', 'cosmos'].map(r => `${chain} -m realm --realm ${r}`),
          ),
      )
    const node = host(
      'node',
      { eth0: ['10.1.0.1/24'], eth1: ['10.2.0.1/24'] },
      {
        sysctl: new Map([['net.ipv4.ip_forward', '1']]),
        iptables: rules('INPUT FORWARD OUTPUT'),
        routes: ['10.7.0.0/16 via 10.2.0.2 dev eth1 realm 7', '10.5.0.0/16 via 10.1.0.2 dev eth0 realm 5'],
      },
    )
    const listeners = [{ proto: 'udp' as const, address: '0.0.0.0', port: 53 }]
    const leaf = (name: string, n: number, more: string) =>
      host(
        `node/netns/${name}`,
        { eth0: [`10.${n}.0.2/24`], more: [more] },
        { routes: [`default via 10.${n}.0.1 dev eth0`], listeners },
      )
    const snapshot = small(
      [node, leaf('a', 1, '10.5.0.9/32'), leaf('b', 2, '10.7.0.9/32')],
      ['node:eth0, node/a:eth0', 'node:eth1, node/b:eth0'],
    )
    const realms = (src: string, dst: string) =>
      ask(snapshot, { src, dst, proto: 'udp', dport: 53 }).packets[0]!.events.flatMap(e =>
        e.kind === 'rule' ? [`${e.chain} ${e.text.split(' ').at(-1)}`] : [],
      )
    expect(realms('a', '10.7.0.9')).toEqual(['FORWARD 0x7'])
    expect(realms('10.5.0.9', '10.7.0.9')).toEqual(['FORWARD 0x50007'])
    expect(realms('10.5.0.9', '10.2.0.2')).toEqual(['FORWARD 0x50000'])
    expect(realms('node', '10.7.0.9')).toEqual(['OUTPUT 0x7'])
    expect(realms('10.7.0.9', '10.2.0.1')).toEqual(['INPUT 0x70000'])
  })

  test("a SYN offers its route's own advmss", () => {
    const node = host(
      'node',
      { eth0: ['10.1.0.1/24'] },
      {
        iptables: table(
          'mangle',
          'INPUT',
          'INPUT -p tcp -m tcp --tcp-flags SYN,ACK SYN -m tcpmss --mss 1000',
        ),
        listeners: [{ proto: 'tcp', address: '0.0.0.0', port: 80 }],
      },
    )
    const a = host(
      'node/netns/a',
      { eth0: ['10.1.0.2/24'] },
      { routes: ['10.1.0.1 dev eth0 scope link advmss 1000'] },
    )
    const talk = ask(small([node, a], ['node:eth0, node/a:eth0']), {
      src: 'a',
      dst: '10.1.0.1',
      proto: 'tcp',
      dport: 80,
    })
    expect(talk.packets[0]!.events.filter(e => e.kind === 'rule')).toHaveLength(1)
  })

  const TCP = { src: 'a', dst: '10.244.1.1', proto: 'tcp', dport: 2483 } as const
  const LISTENS = { 'node/ss.txt': 'tcp LISTEN 0 16 0.0.0.0:2483 0.0.0.0:*\n' }

  test('who hears data twice says so, in 12 bytes more', () => {
    const lost =
      'INPUT -p tcp -m tcp --tcp-flags SYN,PSH,ACK ACK -m statistic --mode nth --every 2 --packet 1 -j DROP'
    const rules =
      table('mangle', 'INPUT', 'INPUT -p tcp -m length --length 64 -j CONNMARK --set-xmark 0x7/0xffffffff') +
      table('filter', 'INPUT', lost)
    expect(ask(world(rules, {}, LISTENS), TCP).conntrack.node?.join()).toContain('mark=7')
  })

  test('an answer that its own machine refuses for its length gets out when a repeated request makes it longer', () => {
    const rules = table(
      'filter',
      'OUTPUT',
      'OUTPUT -p tcp -m length --length 84 -j REJECT --reject-with icmp-port-unreachable',
    )
    const talk = ask(world(rules, {}, LISTENS), { ...TCP, sport: 41000 })
    expect(talk.outcome).toBe('ok')
    expect(talk.packets.map(p => p.summary)).toContain(
      'tcp 10.244.1.1:2483 > 10.244.1.2:41000 PSH,ACK 32 bytes SACK',
    )
  })

  test('a request that was acknowledged is not repeated, though no answer comes', () => {
    const rules =
      table(
        'mangle',
        'FORWARD',
        'FORWARD -d 10.244.1.3/32 -p tcp -m tcp --tcp-flags PSH PSH -m statistic --mode nth --every 3 --packet 2 -j CONNMARK --set-xmark 0x7/0xffffffff',
      ) + table('filter', 'FORWARD', 'FORWARD -s 10.244.1.3/32 -p tcp -m tcp --tcp-flags PSH PSH -j DROP')
    const talk = ask(world(rules), { ...TCP, dst: '10.244.1.3', dport: 8080 })
    expect(talk.outcome).toBe('timeout')
    expect(talk.packets.filter(p => p.summary.includes(':8080 PSH'))).toHaveLength(2)
    expect(talk.conntrack.node?.join()).toContain('mark=0')
  })
})

kernelSaysTheSame()
