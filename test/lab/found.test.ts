import { describe, expect, test } from 'vitest'
import { loadSnapshot } from '../../src/snapshot/load.js'
import {
  ask,
  DNS,
  host,
  kernelSaysTheSame,
  knows,
  rulesHit,
  small,
  table,
  TUNNEL,
  WORLD,
  world,
} from './small-worlds.js'

/** Differences that the fuzzer found, each as small as it became, with what Linux 6.18 did. */
describe('what the fuzzer found', () => {
  test('UDP port unreachable is tied to no connection: raw OUTPUT can take it out of tracking', () => {
    const rules = table('raw', 'PREROUTING OUTPUT', 'OUTPUT -m conntrack --ctstate INVALID,UNTRACKED')
    const talk = ask(world(rules), { src: 'a', dst: '10.244.1.1', proto: 'udp', dport: 4444 })
    expect(talk.outcome).toBe('refused')
    expect(rulesHit(talk, /INVALID,UNTRACKED/)).toBe(1)
  })

  test('a route that refuses after DNAT in OUTPUT: the program hears EACCES', () => {
    const rules = table('nat', 'OUTPUT', 'OUTPUT -p udp -j DNAT --to-destination 203.0.113.9')
    const routes = `${WORLD.get('node/ip-route.txt')}prohibit 203.0.113.0/24\n`
    const snapshot = world(rules, {}, { 'node/ip-route.txt': routes })
    expect(ask(snapshot, { src: 'node', dst: '10.244.1.2', proto: 'udp', dport: 8080 }).outcome).toBe(
      'not-permitted',
    )
  })

  test('SYNs carry timestamps', () => {
    const rules = table('filter', 'INPUT', 'INPUT -p tcp -m tcp --tcp-option 8')
    const talk = ask(world(rules), { src: 'a', dst: '10.244.1.1', proto: 'tcp', dport: 4444 })
    expect(rulesHit(talk, /tcp-option/)).toBe(1)
  })

  test('in raw, connlimit counts each direction', () => {
    const rule = 'OUTPUT -m connlimit --connlimit-upto 1 --connlimit-mask 32 --connlimit-daddr'
    const snapshot = world(
      table('raw', 'PREROUTING OUTPUT', rule),
      {},
      {
        'node/ss.txt': 'udp UNCONN 0 0 0.0.0.0:8080 0.0.0.0:*\n',
      },
    )
    const talk = ask(snapshot, { src: 'node', dst: '127.0.0.1', proto: 'udp', dport: 8080 })
    expect(talk.outcome).toBe('ok')
    expect(rulesHit(talk, /connlimit/)).toBe(1)
  })

  test('a tcp-reset closes the connection that is in the table', () => {
    const rules = table(
      'filter',
      'INPUT OUTPUT',
      'OUTPUT -p tcp -m conntrack --ctdir REPLY -j REJECT --reject-with tcp-reset',
    )
    const snapshot = world(rules, {}, { 'node/ss.txt': 'tcp LISTEN 0 16 0.0.0.0:2483 0.0.0.0:*\n' })
    const talk = ask(snapshot, { src: 'a', dst: '10.244.1.1', proto: 'tcp', dport: 2483 })
    expect(talk.conntrack.node?.join()).toContain(' CLOSE ')
  })

  test('no error about an echo reply that the kernel is sending', () => {
    const rules = table('filter', 'OUTPUT', 'OUTPUT -j REJECT --reject-with icmp-net-prohibited')
    const talk = ask(world(rules), { src: 'a', dst: '10.244.1.1', proto: 'icmp' })
    expect(talk.outcome).toBe('timeout')
    expect(talk.packets.filter(p => p.summary.includes('prohibited'))).toEqual([])
  })

  test('ICMP errors leave by a socket of the kernel', () => {
    const rules = table('raw', 'OUTPUT', 'OUTPUT -m owner --socket-exists')
    const talk = ask(world(rules), { src: 'a', dst: '10.244.1.1', proto: 'udp', dport: 4444 })
    expect(rulesHit(talk, /socket-exists/)).toBe(1)
  })

  test('what came by a bridge port and is routed on is reset straight out of the bridge', () => {
    const rules = table(
      'filter',
      'FORWARD OUTPUT',
      'FORWARD -p tcp -j REJECT --reject-with tcp-reset',
      'OUTPUT -p tcp -j LOG',
    )
    const talk = ask(world(rules), { src: 'a', dst: '192.168.50.20', proto: 'tcp', dport: 80 })
    expect(talk.outcome).toBe('refused')
    expect(rulesHit(talk, /LOG/)).toBe(0)
  })

  test('packets begin with the TTL of their machine', () => {
    const rules = table('filter', 'OUTPUT', 'OUTPUT -m ttl --ttl-eq 32')
    const talk = ask(world(rules, { 'net.ipv4.ip_default_ttl': '32' }), {
      ...{ src: 'node', dst: '10.244.1.2', proto: 'udp' as const, dport: 8080 },
    })
    expect(rulesHit(talk, /ttl-eq/)).toBe(1)
  })

  test('DNAT on a bridge to an address that nobody has: host unreachable', () => {
    const rules = table(
      'nat',
      'PREROUTING',
      'PREROUTING -d 10.96.0.9/32 -j DNAT --to-destination 10.244.1.77',
    )
    const talk = ask(world(rules), { src: 'a', dst: '10.96.0.9', proto: 'tcp', dport: 80 })
    expect(talk.outcome).toBe('host-unreachable')
  })

  test('the asker of an ARP question is routed first', () => {
    const rules = `${WORLD.get('node/ip-rule.txt')}100:\tfrom all iif lo lookup 100\n`
    const routes = `${WORLD.get('node/ip-route.txt')}blackhole default table 100\n`
    const changed = { 'node/ip-rule.txt': rules, 'node/ip-route.txt': routes }
    const strict = { 'net.ipv4.conf.all.rp_filter': '1' }
    const flow = { src: 'a', dst: '10.244.1.1', proto: 'udp' as const, dport: 8080 }
    const talk = ask(world(table('raw', 'PREROUTING', 'PREROUTING -j LOG'), strict, changed), flow)
    expect(rulesHit(talk, /LOG/)).toBe(0)
  })

  test.each([
    ['ext', 0, 'is not forwarded'],
    // ip_rcv_core() of the bridge itself lets go of the socket that br_netfilter's PREROUTING gave
    ['a', 1, 'in a bridge is forgotten by it'],
  ])('what TPROXY gave to a socket, from %s: %i forwarded (%s)', (src, forwarded) => {
    const rules = table(
      'mangle',
      'PREROUTING FORWARD',
      'PREROUTING -p udp -j TPROXY --on-port 8080 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1',
      'FORWARD -j LOG',
    )
    const snapshot = world(rules, {}, { 'node/ss.txt': 'udp UNCONN 0 0 0.0.0.0:8080 0.0.0.0:*\n' })
    const dst = src === 'a' ? '192.168.50.20' : '10.244.1.2'
    const talk = ask(snapshot, { src, dst, proto: 'udp', dport: 8080 })
    expect(rulesHit(talk, /TPROXY/)).toBeGreaterThan(0)
    expect(rulesHit(talk, /LOG/)).toBe(forwarded)
  })

  test.each([
    // a link-local address does not reach so far: another device's does
    [['fe80::1/64'], 'fd00:7::1'],
    // of those of the device it leaves by, the one of the destination's label (fc00::/7)
    [['2001:db8::1/64', 'fd00:9::1/64'], 'fd00:9::1'],
    // of the same label, the one that has most in common with the destination
    [['fd80::1/64', 'fd00:50::1/64', 'fd00:9::1/64'], 'fd00:50::1'],
  ])('IPv6 chooses its source for the destination, over all devices: %s', (eth0, seen) => {
    const routes = ['fd00:60::/64 dev eth0 metric 1024']
    const node = host('node', { eth0, other: ['fd00:7::1/64'] }, { routes })
    const ext = host(
      'node/netns/ext',
      { eth0: ['fd00:60::2/64'] },
      {
        routes: ['fd00::/8 dev eth0 metric 1024'],
        // nobody is asked for by name: no device has all of these addresses
        neighbours: [knows('node', seen)],
        ...DNS,
      },
    )
    const snapshot = small([node, ext], ['node:eth0, node/ext:eth0'])
    const talk = ask(snapshot, { src: 'node', dst: 'fd00:60::2', proto: 'udp', dport: 53 })
    expect(talk).toMatchObject({ outcome: 'ok', seenByServer: { address: seen } })
  })

  test('MASQUERADE of IPv6 chooses for the destination, not for the next hop', () => {
    const node = host(
      'node',
      { eth0: ['fd00:50::1/64', 'fd00:60::1/64'], eth1: ['fd00:1::1/64'] },
      {
        routes: ['fd00:60:0:1::/64 via fd00:50::2 dev eth0 metric 1024'],
        neighbours: [knows('node/netns/ext', 'fd00:50::2'), knows('node/netns/pod', 'fd00:1::2', 0, 'eth1')],
        sysctl: new Map([['net.ipv6.conf.all.forwarding', '1']]),
        ip6tables: table('nat', 'POSTROUTING', 'POSTROUTING -o eth0 -j MASQUERADE'),
      },
    )
    const pod = host(
      'node/netns/pod',
      { eth0: ['fd00:1::2/64'] },
      {
        routes: ['default via fd00:1::1 dev eth0 metric 1024'],
        neighbours: [knows('node', 'fd00:1::1', 1)],
      },
    )
    const ext = host(
      'node/netns/ext',
      { eth0: ['fd00:50::2/64'], other: ['fd00:60:0:1::2/64'] },
      {
        routes: ['fd00:60::/64 dev eth0 metric 1024'],
        neighbours: [knows('node', 'fd00:60::1')],
        listeners: [{ proto: 'udp', address: 'fd00:60:0:1::2', port: 53 }],
      },
    )
    const snapshot = small([node, pod, ext], ['node:eth0, node/ext:eth0', 'node:eth1, node/pod:eth0'])
    const talk = ask(snapshot, { src: 'pod', dst: 'fd00:60:0:1::2', proto: 'udp', dport: 53 })
    expect(talk).toMatchObject({ outcome: 'ok', seenByServer: { address: 'fd00:60::1' } })
  })

  test('in IPv6 a local address is UNICAST too', () => {
    const rules = table(
      'filter',
      'INPUT',
      'INPUT -p udp -m addrtype --dst-type LOCAL',
      'INPUT -p udp -m addrtype --dst-type UNICAST',
    )
    const node = host(
      'node',
      { eth0: ['fd00:1::1/64'] },
      { ip6tables: rules, neighbours: [knows('node/netns/pod', 'fd00:1::2')], ...DNS },
    )
    const pod = host(
      'node/netns/pod',
      { eth0: ['fd00:1::2/64'] },
      { neighbours: [knows('node', 'fd00:1::1')] },
    )
    const snapshot = small([node, pod], ['node:eth0, node/pod:eth0'])
    const talk = ask(snapshot, { src: 'pod', dst: 'fd00:1::1', proto: 'udp', dport: 53 })
    expect([rulesHit(talk, /LOCAL/), rulesHit(talk, /UNICAST/)]).toEqual([1, 1])
  })

  test.each([
    ['10.1.0.1', 1],
    ['fd00:1::1', 0],
  ])('the reset of a closed port at %s: in IPv4 it leaves by a socket of the kernel', (dst, hits) => {
    const rules = table('raw', 'OUTPUT', 'OUTPUT -p tcp -m owner --socket-exists')
    const eth0 = ['10.1.0.1/24', 'fd00:1::1/64']
    const node = host(
      'node',
      { eth0 },
      { iptables: rules, ip6tables: rules, neighbours: [knows('node/netns/pod', 'fd00:1::2')] },
    )
    const pod = host(
      'node/netns/pod',
      { eth0: ['10.1.0.2/24', 'fd00:1::2/64'] },
      { neighbours: [knows('node', 'fd00:1::1')] },
    )
    const snapshot = small([node, pod], ['node:eth0, node/pod:eth0'])
    const talk = ask(snapshot, { src: 'pod', dst, proto: 'tcp', dport: 4444 })
    expect(talk.outcome).toBe('refused')
    expect(rulesHit(talk, /socket-exists/)).toBe(hits)
  })

  test('hash:net,iface: the longest prefix decides, though it is of another device', () => {
    const sets = 'create S hash:net,iface family inet\nadd S 10.244.0.0/16,cni0\nadd S 10.244.1.2,eth0\n'
    const rules = table('filter', 'INPUT', 'INPUT -m set --match-set S src,src')
    const snapshot = world(rules, {}, { 'node/ipset-save.txt': sets })
    const flow = { dst: '10.244.1.1', proto: 'udp' as const, dport: 8080 }
    expect(rulesHit(ask(snapshot, { src: 'a', ...flow }), /match-set/)).toBe(0)
    expect(rulesHit(ask(snapshot, { src: 'b', ...flow }), /match-set/)).toBe(1)
  })

  test("a tunnel's packet belongs to the socket of what is inside, if that was sent here", () => {
    const files = new Map(TUNNEL)
    const rules = table('raw', 'OUTPUT', 'OUTPUT -p udp -m udp --dport 8472 -m owner --socket-exists')
    files.set('node/iptables-save.txt', rules)
    const snapshot = loadSnapshot(files)
    const flow = { dst: '10.244.2.2', proto: 'udp' as const, dport: 8080 }
    expect(rulesHit(ask(snapshot, { src: 'node', ...flow }), /socket-exists/)).toBe(1)
    expect(rulesHit(ask(snapshot, { src: 'a', ...flow }), /socket-exists/)).toBe(0)
  })

  test("a reset of the handshake's last ACK is there before the program has asked anything", () => {
    const rules = table(
      'filter',
      'INPUT',
      'INPUT -p tcp -m tcp --tcp-flags SYN,ACK ACK -j REJECT --reject-with tcp-reset',
    )
    const snapshot = world(rules, {}, { 'node/ss.txt': 'tcp LISTEN 0 16 0.0.0.0:80 0.0.0.0:*\n' })
    const talk = ask(snapshot, { src: 'a', dst: '10.244.1.1', proto: 'tcp', dport: 80 })
    expect(talk.outcome).toBe('reset')
    expect(rulesHit(talk, /tcp-reset/)).toBe(1)
  })

  test('a ping hears its echo reply from whatever address it comes', () => {
    const rules =
      table('raw', 'PREROUTING', 'PREROUTING -s 10.244.1.3/32 -j CT --notrack') +
      table('nat', 'PREROUTING', 'PREROUTING -d 10.96.0.10/32 -j DNAT --to-destination 10.244.1.3')
    const talk = ask(world(rules), { src: 'a', dst: '10.96.0.10', proto: 'icmp' })
    expect(talk.outcome).toBe('ok')
    expect(talk.packets.at(-1)!.summary).toContain('10.244.1.3 > 10.244.1.2')
  })
})

kernelSaysTheSame()
