import { describe, expect, test } from 'vitest'
import type { Flow } from '../../src/talk/conversation.js'
import { trace } from '../../src/talk/trace.js'
import { world } from './world.js'

/** What Linux 6.1 did where IPVS looks for the way to a real server: __ip_vs_get_out_rt(), ip_vs_nat_xmit(). */
const ROUTES = `10.1.1.0/24 dev v1 proto kernel scope link src 10.1.1.1
10.1.2.0/24 dev v2 proto kernel scope link src 10.1.2.1
`
const IPVSADM = `TCP 10.96.0.10:80 rr
  -> 10.1.1.2:80 Masq 1 0 0
UDP 10.96.0.10:53 rr
  -> 10.1.1.2:53 Masq 1 0 0
TCP 127.0.0.1:30080 rr
  -> 10.1.1.2:80 Masq 1 0 0
TCP 10.1.2.1:30081 rr
  -> 127.0.0.1:80 Masq 1 0 0
`
const ask = (flow: Flow, files: Record<string, string> = {}, sysctl: Record<string, number> = {}) =>
  trace(
    world(
      {
        'n/ipvsadm.txt': IPVSADM,
        'n/ip-route.txt': ROUTES,
        'n/ss.txt': 'tcp LISTEN 0 64 0.0.0.0:80 0.0.0.0:*\n',
        'n/netns/p1/ss.txt': 'tcp LISTEN 0 64 0.0.0.0:80 0.0.0.0:*\nudp UNCONN 0 0 0.0.0.0:53 0.0.0.0:*\n',
        ...files,
      },
      sysctl,
    ),
    flow,
  )

describe('the way to a real server', () => {
  const nowhere = { 'n/ip-route.txt': `${ROUTES}blackhole 10.1.1.2\n` }

  test('where there is none, the client hears host unreachable', () => {
    expect(ask({ src: 'p2', dst: '10.96.0.10:80' }, nowhere).outcome).toBe('host-unreachable')
    expect(ask({ src: 'n', dst: '10.96.0.10:80' }, nowhere).outcome).toBe('host-unreachable')
  })
  test('a program that sent a datagram hears nothing: IPVS took it', () => {
    expect(ask({ src: 'n', dst: '10.96.0.10:53', proto: 'udp' }, nowhere).outcome).toBe('timeout')
  })
  test('what becomes of it in the second OUTPUT, its program does not hear either', () => {
    const rules = '*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -d 10.1.1.2/32 -j DROP\nCOMMIT\n'
    const files = { 'n/iptables-save.txt': rules }
    expect(ask({ src: 'n', dst: '10.96.0.10:53', proto: 'udp' }, files).outcome).toBe('timeout')
    expect(ask({ src: 'n', dst: '10.1.1.2:53', proto: 'udp' }, files).outcome).toBe('not-permitted')
  })
  test.each([
    [0, 'from all fwmark 0x1', 'ok'],
    [1, 'from all fwmark 0x1', 'timeout'],
    [0, 'from 10.1.2.2', 'ok'],
    [1, 'from 10.1.2.2', 'timeout'],
  ])(
    'neither mark nor source is asked, unless nat asks again because IPVS wrote into the connection (conntrack %i, %s)',
    (conntrack, selector, outcome) => {
      const files = {
        'n/ip-rule.txt': `0:\tfrom all lookup local\n100:\t${selector} lookup 100\n32766:\tfrom all lookup main\n`,
        'n/ip-route.txt': `${ROUTES}unreachable default table 100\n`,
        'n/iptables-save.txt':
          '*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -j MARK --set-xmark 0x1/0xffffffff\nCOMMIT\n*nat\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -d 192.0.2.1/32 -j MASQUERADE\nCOMMIT\n',
      }
      const talk = ask({ src: 'p2', dst: '10.96.0.10:80' }, files, { 'net.ipv4.vs.conntrack': conntrack })
      expect(talk.outcome).toBe(outcome)
    },
  )
  test('nothing goes from a loopback address to another machine, nor to one from outside', () => {
    const localnet = { 'net.ipv4.conf.all.route_localnet': 1 }
    expect(ask({ src: 'n', dst: '127.0.0.1:30080' }, {}, localnet).outcome).toBe('timeout')
    expect(ask({ src: 'p2', dst: '10.1.2.1:30081' }, {}, localnet).outcome).toBe('timeout')
    expect(ask({ src: 'n', dst: '10.1.2.1:30081' }, {}, localnet).outcome).toBe('ok')
  })
})

describe('a request in a tunnel', () => {
  const tunnel = {
    'n/ipvsadm.txt': 'TCP 10.96.0.10:80 rr\n  -> 10.1.1.2:80 Tunnel 1 0 0\n',
    'n/iptables-save.txt':
      '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -d 10.1.1.2/32 -j SNAT --to-source 10.1.2.1\nCOMMIT\n',
  }

  test('has a connection of its own; that of what is inside is entered as it stands', () => {
    const { conntrack } = ask({ src: 'p2', dst: '10.96.0.10:80' }, tunnel)
    const [inside, outside] = conntrack.n!.toSorted()
    expect(inside).toMatch(/^tcp .*src=10\.1\.2\.2 dst=10\.96\.0\.10 .*src=10\.96\.0\.10 dst=10\.1\.2\.2 /)
    expect(outside).toMatch(/^unknown .*src=10\.1\.1\.1 dst=10\.1\.1\.2 .*src=10\.1\.1\.2 dst=10\.1\.2\.1 /)
  })
  test('is refused by who takes no tunnels, and the client is told in the name of the Service', () => {
    const talk = ask({ src: 'p2', dst: '10.96.0.10:80' }, { ...tunnel, 'n/iptables-save.txt': '' })
    expect(talk.outcome).toBe('protocol-unreachable')
    expect(talk.packets.at(-1)!.summary).toContain('10.96.0.10 > 10.1.2.2 protocol-unreachable')
  })
})

describe('what does not fit on the way to a real server', () => {
  const NARROW = (method: string) => ({
    'n/ipvsadm.txt': `UDP 10.96.0.10:53 rr\n  -> 10.1.1.2:53 ${method} 1 0 0\n`,
    'n/ip-route.txt': ROUTES.replace('dev v1', 'dev v1 mtu 1280'),
  })
  const long = (method: string, payload: number, sysctl = {}) =>
    ask({ src: 'p2', dst: '10.96.0.10:53', proto: 'udp', payload }, NARROW(method), sysctl)
  const lost = (talk: ReturnType<typeof ask>) =>
    talk.packets[0]!.events.flatMap(e => (e.kind === 'dropped' ? [e.reason] : []))

  // ensure_mtu_is_adequate(): UDP's data and 28 bytes, in a tunnel and 20 more
  test.each([
    ['Masq', 1252, 1253],
    ['Route', 1252, 1253],
    ['Tunnel', 1232, 1233],
  ])('by %s is told to the client', (method, fits, not) => {
    expect(lost(long(method, fits))).not.toContain('PKT_TOO_BIG')
    expect(lost(long(method, not))).toContain('PKT_TOO_BIG')
    expect(long(method, not).packets.some(p => p.summary.includes('10.1.2.2 '))).toBe(true)
  })
  test('a tunnel may be cut with pmtu_disc 0', () => {
    const talk = long('Tunnel', 1400, { 'net.ipv4.vs.pmtu_disc': 0 })
    expect(lost(talk)).not.toContain('PKT_TOO_BIG')
    expect(talk.outcome).toBe('protocol-unreachable')
  })
})

test('what conntrack found INVALID stays so: a local answer does not pass a rule that drops it', () => {
  const files = {
    'n/ipvsadm.txt': 'TCP 10.96.0.10:80 rr\n  -> 10.1.1.1:80 Masq 1 0 0\n',
    'n/iptables-save.txt':
      '*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n',
  }
  const outcomeWith = (conntrack: number) =>
    ask({ src: 'p2', dst: '10.96.0.10:80' }, files, { 'net.ipv4.vs.conntrack': conntrack }).outcome
  expect([outcomeWith(1), outcomeWith(0)]).toEqual(['ok', 'timeout'])
})
