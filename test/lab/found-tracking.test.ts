import { describe, expect, test } from 'vitest'
import { ask, kernelSaysTheSame, rulesHit, table, WORLD, world } from './small-worlds.js'

const ROUTES = WORLD.get('node/ip-route.txt')!
const UDP = { proto: 'udp', dport: 8080 } as const
const hits = (rules: string, src: string, dst: string, pattern: RegExp): number =>
  rulesHit(ask(world(rules), { src, dst, ...UDP }), pattern)

describe('what the fuzzer found: connections', () => {
  test("raw sees the template of a CT rule: empty tuples, confirmed, and the rule's own mark", () => {
    const rules = table(
      'raw',
      'PREROUTING',
      'PREROUTING -p udp -j CT --zone 3',
      'PREROUTING -p udp -m conntrack ! --ctproto 17 -m comment --comment seen',
      'PREROUTING -p udp -m conntrack --ctproto 17 -m comment --comment unseen',
      'PREROUTING -p udp -m conntrack --ctstatus CONFIRMED --ctexpire 0 -m comment --comment seen',
      'PREROUTING -p udp -m conntrack --ctstate NEW --ctorigsrc 0.0.0.0 -m comment --comment seen',
      'PREROUTING -p udp -j CONNMARK --set-xmark 0x5/0xffffffff',
      'PREROUTING -p udp -m connmark --mark 0x5 -m comment --comment seen',
    )
    const talk = ask(world(rules), { src: 'a', dst: '10.244.1.1', ...UDP })
    expect(rulesHit(talk, /comment seen/)).toBe(4)
    expect(rulesHit(talk, /comment unseen/)).toBe(0)
    expect(talk.conntrack.node?.join()).toContain('mark=0 zone=3')
  })

  test('CT --zone mark takes the mark that the packet has when conntrack sees it', () => {
    const rules = table(
      'raw',
      'PREROUTING',
      'PREROUTING -p udp -j CT --zone mark',
      'PREROUTING -p udp -j MARK --set-xmark 0x7/0xffffffff',
    )
    const talk = ask(world(rules), { src: 'a', dst: '10.244.1.1', ...UDP })
    expect(talk.conntrack.node?.join()).toContain('zone=7')
  })

  test('UDP that meets its own mirror image keeps its port, and is dropped when it would be entered', () => {
    const rules =
      table('raw', 'PREROUTING OUTPUT', 'OUTPUT -j CT --zone-reply 1') + table('nat', 'POSTROUTING')
    const talk = ask(world(rules), { src: 'node', dst: '10.244.1.2', ...UDP })
    expect(talk.outcome).toBe('timeout')
    expect(talk.conntrack.node).toHaveLength(1)
  })

  test('an ACK of data that this zone has not seen is INVALID, and is not translated', () => {
    const rules =
      table('raw', 'OUTPUT', 'OUTPUT -p tcp -m tcp --tcp-flags PSH PSH -j CT --zone 1') +
      table('nat', 'OUTPUT', 'OUTPUT -d 10.244.1.4/32 -j DNAT --to-destination 10.244.1.3')
    const talk = ask(world(rules), { src: 'node', dst: '10.244.1.4', proto: 'tcp', dport: 8080 })
    const untranslated = talk.packets.filter(p =>
      /10\.244\.1\.1:\d+ > 10\.244\.1\.4:8080 ACK/.test(p.summary),
    )
    expect(untranslated.length).toBeGreaterThan(0)
  })

  test('what comes round the loop and is translated there must pass the check of sources', () => {
    const rules =
      table('raw', 'PREROUTING OUTPUT', 'OUTPUT -o lo -j CT --zone 1') +
      table('nat', 'INPUT', 'INPUT -p tcp -j SNAT --to-source 10.244.1.1')
    const flow = { src: 'a', dst: '10.244.1.1', proto: 'tcp', dport: 2483 } as const
    expect(ask(world(rules), flow).outcome).toBe('timeout')
    const accepting = world(rules, { 'net.ipv4.conf.lo.accept_local': '1' })
    expect(ask(accepting, flow).conntrack.node?.join()).toContain('ASSURED')
  })
})

describe('what the fuzzer found: addresses and marks', () => {
  test('MASQUERADE on lo takes an address that is good beyond this host', () => {
    const rules = table('nat', 'POSTROUTING', 'POSTROUTING -p tcp -j MASQUERADE')
    const talk = ask(world(rules), { src: 'node', dst: '127.0.0.1', proto: 'tcp', dport: 8080 })
    expect(talk.seenByServer?.address).toBe('10.244.1.1')
  })

  test('fwmark_reflect: an error goes the way that its mark asks for', () => {
    const rules =
      table('mangle', 'PREROUTING', 'PREROUTING -j MARK --set-xmark 0x1/0xffffffff') +
      table('filter', 'FORWARD', 'FORWARD -j REJECT --reject-with icmp-host-prohibited')
    const more = {
      'node/ip-rule.txt':
        '0:\tfrom all lookup local\n100:\tfrom all fwmark 0x1 to 10.244.1.0/24 lookup 100\n32766:\tfrom all lookup main\n',
      'node/ip-route.txt': `${ROUTES}blackhole default table 100\n`,
    }
    const flow = { src: 'a', dst: '192.168.50.20', ...UDP }
    expect(ask(world(rules, {}, more), flow).outcome).toBe('host-unreachable')
    expect(ask(world(rules, { 'net.ipv4.fwmark_reflect': '1' }, more), flow).outcome).toBe('timeout')
  })

  test('icmp_errors_use_inbound_ifaddr: an error speaks with the address of the device that was come in by', () => {
    const rules = table('filter', 'FORWARD', 'FORWARD -p udp -j REJECT --reject-with icmp-host-prohibited')
    const more = {
      'node/ip-route.txt': ROUTES.replace('dev cni0 proto', 'dev cni0 src 192.168.50.10 proto'),
    }
    const error = (value: string) => {
      const snapshot = world(rules, { 'net.ipv4.icmp_errors_use_inbound_ifaddr': value }, more)
      return ask(snapshot, { src: 'a', dst: '192.168.50.20', ...UDP }).packets[1]!.summary
    }
    expect(error('1')).toContain('icmp 10.244.1.1 > 10.244.1.2')
  })

  test('-m socket: an error is for the socket that sent what it quotes', () => {
    const rules = table('mangle', 'INPUT', 'INPUT -p icmp -m socket')
    const talk = ask(world(rules), { src: 'node', dst: '10.244.1.1', proto: 'udp', dport: 4444 })
    expect(rulesHit(talk, /-m socket/)).toBe(1)
    expect(hits(rules, 'a', '10.244.1.1', /-m socket/)).toBe(0)
  })

  test("what TPROXY gave to a listener is no open connection's, though nat of INPUT would make it so", () => {
    const rules = [
      table(
        'mangle',
        'PREROUTING',
        'PREROUTING -p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1',
      ),
      table('nat', 'INPUT', 'INPUT -s 10.244.1.2/32 -p tcp -j SNAT --to-source 192.168.50.10'),
    ]
    const files = { 'node/ss.txt': 'tcp LISTEN 0 16 0.0.0.0:80 0.0.0.0:*\n' }
    const flow = { src: 'a', dst: '192.168.50.10', proto: 'tcp' as const, dport: 80 }
    const snapshot = world(rules.join(''), { 'net.bridge.bridge-nf-call-iptables': '0' }, files)
    expect(ask(snapshot, flow).outcome).toBe('reset')
  })

  test('TPROXY: the server answers from the port that it listens on', () => {
    const rules =
      table(
        'mangle',
        'PREROUTING',
        'PREROUTING -p udp -j TPROXY --on-port 53 --on-ip 127.0.0.1 --tproxy-mark 0x1/0x1',
      ) + table('filter', 'OUTPUT', 'OUTPUT -p udp -m udp --sport 53')
    const talk = ask(world(rules, { 'net.bridge.bridge-nf-call-iptables': '0' }), {
      ...{ src: 'a', dst: '10.244.1.1' },
      ...UDP,
    })
    expect(rulesHit(talk, /--sport 53/)).toBe(1)
  })
})

describe('what the fuzzer did not draw: destinations that are not one host', () => {
  test.each([
    ['10.244.1.255', 'udp', 'not-permitted'],
    ['10.244.1.255', 'icmp', 'not-permitted'],
    ['255.255.255.255', 'udp', 'not-permitted'],
    ['255.255.255.255', 'tcp', 'net-unreachable'],
    ['224.0.0.1', 'tcp', 'net-unreachable'],
    ['ff02::1', 'tcp', 'net-unreachable'],
    ['0.0.0.0', 'tcp', 'ok'],
  ] as const)('%s by %s: %s', (dst, proto, outcome) => {
    const flow = { src: 'node', dst, proto, dport: proto === 'icmp' ? 0 : 8080 }
    expect(ask(world(''), flow).outcome).toBe(outcome)
  })

  test("an echo request to another network's broadcast address is ignored, unless it may be answered", () => {
    const flow = { src: 'ext', dst: '10.244.1.255', proto: 'icmp' } as const
    expect(ask(world(''), flow).outcome).toBe('timeout')
    const polite = world('', { 'net.ipv4.icmp_echo_ignore_broadcasts': '0' })
    expect(ask(polite, flow).packets.some(p => p.summary.includes('echo-reply'))).toBe(true)
  })

  test("TCP to another network's broadcast address finds nobody", () => {
    const flow = { src: 'ext', dst: '10.244.1.255', proto: 'tcp', dport: 80 } as const
    expect(ask(world(''), flow).outcome).toBe('timeout')
  })
})

test('what is drawn twice is drawn differently: a connection that changes its zone gets another random port', () => {
  const rules =
    table('raw', 'PREROUTING', 'PREROUTING -p tcp -m limit --limit 1/hour --limit-burst 2 -j CT --zone 1') +
    table('nat', 'POSTROUTING', 'POSTROUTING -o eth0 -p tcp -j MASQUERADE --random')
  expect(ask(world(rules), { src: 'a', dst: 'ext', proto: 'tcp', dport: 8080 }).outcome).toBe('reset')
})

kernelSaysTheSame()
