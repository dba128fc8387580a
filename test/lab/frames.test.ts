import { describe, expect, test } from 'vitest'
import { compareFrames, type Frame, framesOf, simulatedFrames } from '../../src/lab/captures.js'
import { readFrame } from '../../src/lab/read-frame.js'
import type { Snapshot } from '../../src/model/snapshot.js'
import type { Flow } from '../../src/talk/conversation.js'
import { ask, DNS, host, kernelSaysTheSame, knows, small, table, WORLD, world } from './small-worlds.js'

/** What nfsim says that a device sees. */
function seen(snapshot: Snapshot, flow: Flow, at: string): readonly string[] {
  const frames = simulatedFrames(ask(snapshot, flow).captures)
  return frames.filter(f => `${f.netns} ${f.iface} ${f.dir}` === at).map(f => f.label)
}

const bytes = (text: string): Uint8Array => Buffer.from(text.replace(/\s/g, ''), 'hex')
const MACS = '0200 0000 0001 0200 0000 0002'
const SYN4 = `4500 003c 0001 4000 3f06 0000 0a00 0001 0a00 0002
  a028 0050 0000 0000 0000 0000 a002 faf0 0000 0000 0204 05b4 0402 080a 0000 0000 0000 0000 0103 0307`

describe('a frame is read', () => {
  test('Ethernet, IPv4, TCP with its options', () => {
    expect(readFrame(bytes(`${MACS} 0800 ${SYN4}`), 1)).toMatchObject({
      ...{ family: 'ipv4', src: '10.0.0.1', dst: '10.0.0.2', proto: 6, sport: 41000, dport: 80 },
      ...{ tcpFlags: 2, mss: 1460, tcpOptions: [2, 4, 8, 1, 3], ttl: 63, dontFragment: true, payload: 0 },
      eth: { dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02' },
    })
  })

  test('a tag in the frame, and one that the kernel has taken off', () => {
    expect(readFrame(bytes(`${MACS} 8100 0064 0800 ${SYN4}`), 1)?.eth?.vlan).toBe(100)
    expect(readFrame(bytes(`${MACS} 0800 ${SYN4}`), 1, 7)?.eth?.vlan).toBe(7)
  })

  test('a tunnel device has no Ethernet, a loop none to speak of', () => {
    expect(readFrame(bytes(SYN4), 768)?.dst).toBe('10.0.0.2')
    expect(readFrame(bytes(`${'00'.repeat(12)} 0800 ${SYN4}`), 772)?.eth).toBeUndefined()
  })

  test('VXLAN on any port, and the frame in it', () => {
    const inside = `${MACS} 0800 ${SYN4}`
    const outer = '4500 006e 0001 0000 4011 0000 c0a8 0001 c0a8 0002 9c40 1234 005a 0000'
    expect(readFrame(bytes(`${MACS} 0800 ${outer} 0800 0000 0000 2a00 ${inside}`), 1)).toMatchObject({
      ...{ proto: 17, dport: 0x1234, vni: 42 },
      inner: { sport: 41000, eth: { dst: '02:00:00:00:00:01' } },
    })
  })

  test('an error and what it quotes; IPv6 behind hop-by-hop options', () => {
    const error = '45c0 0058 0001 0000 4001 0000 0a00 0002 0a00 0001 0304 0000 0000 0578'
    expect(readFrame(bytes(error + SYN4), 768)).toMatchObject({
      icmp: { type: 3, code: 4, mtu: 1400 },
      inner: { sport: 41000, ttl: 63 },
    })
    const report = `6000 0000 0010 0001 fe80${'00'.repeat(13)}01 ff02${'00'.repeat(13)}16 3a00 0502 0000 0000 8f00 0000 0000 0000`
    expect(readFrame(bytes(report), 768)).toMatchObject({ proto: 58, icmp: { type: 143 } })
  })

  test.each([
    ['ARP', `${MACS} 0806 0001 0800 0604 0001`],
    ['cut off in the header', `${MACS} 0800 4500 003c`],
    ['a later fragment', `${MACS} 0800 ${SYN4.replace('4000 3f06', '00b9 3f06')}`],
    ['nothing', ''],
  ])('%s is none', (_, text) => {
    expect(readFrame(bytes(text), 1)).toBeUndefined()
  })

  test('neighbour discovery is for an address; what is said of routers is no talk', () => {
    const solicitation = `6000 0000 0018 3aff fd00${'00'.repeat(13)}01 fd00${'00'.repeat(13)}02 8700 0000 0000 0000 fd00${'00'.repeat(13)}02`
    const framesOfHex = (hex: string) => framesOf('n', [['eth0', 'In', 768, null, hex.replace(/\s/g, '')]])
    expect(framesOfHex(solicitation).map(f => f.label)).toEqual([
      'icmpv6 fd00::1>fd00::2 neighbour-solicitation for fd00::2 16 bytes ttl 255',
    ])
    expect(framesOfHex(solicitation.replace(' 8700 ', ' 8500 '))).toEqual([])
  })
})

describe('two sides are compared', () => {
  const frame = (label: string, more: Partial<Frame> = {}): Frame => ({
    ...{ netns: 'n', iface: 'eth0', dir: 'In', label },
    ...more,
  })
  const syn = frame('tcp 1.1.1.1:1>2.2.2.2:2 SYN ttl 64')
  const ack = frame('tcp 1.1.1.1:1>2.2.2.2:2 ACK ttl 64')
  const data = frame('tcp 1.1.1.1:1>2.2.2.2:2 PSH,ACK data ttl 64')

  test('alike: the same kinds in the same order, however often, and bare ACKs of the kernel', () => {
    expect(compareFrames([syn, data], [syn, syn, ack, data, data])).toBeUndefined()
  })
  test.each([
    ['one more', [syn], [syn, data]],
    ['one less', [syn, data], [syn]],
    ['another order', [syn, data], [data, syn]],
    ['an ACK that only nfsim has', [syn, ack], [syn]],
    ['another device', [syn], [{ ...syn, iface: 'eth1' }]],
    ['another direction', [syn], [{ ...syn, dir: 'Out' as const }]],
    ['another TTL', [syn], [frame('tcp 1.1.1.1:1>2.2.2.2:2 SYN ttl 63')]],
  ])('%s is a difference', (_, ours, kernel) => {
    expect(compareFrames(ours, kernel)).toBeDefined()
  })
})

describe('what devices see', () => {
  test('what is made in the middle of a way leaves before it: a redirect, and what it is about', () => {
    const back = { src: 'ext', dst: '10.96.0.11', proto: 'udp', dport: 53 } as const
    expect(seen(world(table('filter', 'FORWARD')), back, 'ext eth0 In')).toEqual([
      expect.stringMatching(/^icmp 192.168.50.10>192.168.50.20 host-redirect/),
      expect.stringMatching(/^udp 192.168.50.20:\d+>10.96.0.11:53/),
    ])
  })

  test('of IPv4, lo offers no more than the longest packet holds', () => {
    const flow = { src: 'node', dst: '10.244.1.1', proto: 'tcp' as const, dport: 4444 }
    const [syn] = seen(world(''), flow, 'node lo Out')
    expect(syn).toContain(' mss 65495 ')
  })

  test('an echo reply may be cut on its way, its request not', () => {
    const frames = (at: string) => seen(world(''), { src: 'a', dst: '10.244.1.1', proto: 'icmp' }, at)
    expect(frames('node vetha In')[0]).toContain(' DF ')
    expect(frames('node vetha Out')[0]).not.toContain(' DF ')
  })

  test('round the loop a reply has no address of Ethernet, whatever its request had', () => {
    const rules = table(
      'nat',
      'PREROUTING POSTROUTING',
      'PREROUTING -s 192.168.50.20/32 -j DNAT --to-destination 10.244.1.2',
      'POSTROUTING -j SNAT --to-source 10.244.1.2',
    )
    const flow = { src: 'ext', dst: '10.96.0.10', proto: 'icmp' as const }
    const takesItsOwn = { 'node/netns/a/sysctl.txt': 'net.ipv4.conf.all.accept_local = 1\n' }
    expect(seen(world(rules, {}, takesItsOwn), flow, 'a lo Out')[0]).toMatch(/echo-reply .* ttl 64$/)
  })

  test('data that comes again is acknowledged with a D-SACK', () => {
    const lost =
      'OUTPUT -p tcp -m tcp --tcp-flags SYN,PSH,ACK ACK -m statistic --mode nth --every 3 --packet 1 -j DROP'
    const flow = { src: 'node', dst: '192.168.50.20', proto: 'tcp' as const, dport: 80 }
    const out = seen(world(table('filter', 'OUTPUT', lost)), flow, 'node eth0 Out')
    expect(out.at(-1)).toContain(' ACK options 1,1,8,1,1,5 ')
  })

  test('UDP that TPROXY brought to a socket is answered from the port that it is bound to', () => {
    const rules = table(
      'mangle',
      'PREROUTING',
      'PREROUTING -p udp -m addrtype --dst-type LOCAL -j TPROXY --on-port 53 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1',
    )
    const snapshot = world(rules, {}, { 'node/ss.txt': 'udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:*\n' })
    const flow = { src: 'ext', dst: '192.168.50.10', proto: 'udp' as const, dport: 8080 }
    expect(seen(snapshot, flow, 'node eth0 Out')[0]).toContain('192.168.50.10:53>192.168.50.20:')
  })

  test('what is flooded goes first to the port that was added last', () => {
    const rules = table(
      'mangle',
      'FORWARD',
      'FORWARD -p udp -m limit --limit 2/hour --limit-burst 1 -j DSCP --set-dscp 0x0a',
    )
    const nobody = {
      'node/netns/a/ip-neigh.txt': '10.244.1.77 dev eth0 lladdr 02:00:00:00:09:99 PERMANENT\n',
    }
    const flow = { src: 'a', dst: '10.244.1.77', proto: 'udp' as const, dport: 53 }
    const at = (port: string) => seen(world(rules, {}, nobody), flow, `node ${port} Out`)[0]
    expect(at('vethc')).toContain(' tos 40 ')
    expect(at('vethb')).not.toContain(' tos ')
  })

  const dnat = (to: string, ...more: string[]) =>
    table(
      'nat',
      'PREROUTING POSTROUTING',
      `PREROUTING -d 10.96.0.9/32 -p tcp -j DNAT --to-destination ${to}`,
      ...more,
    )
  const toService = { src: 'a', dst: '10.96.0.9', proto: 'tcp' as const, dport: 80 }

  test('after DNAT on a bridge, the first frame to a neighbour passes the bridge itself', () => {
    const files = { 'node/netns/b/ss.txt': 'tcp LISTEN 0 16 0.0.0.0:8080 0.0.0.0:*\n' }
    const out = seen(world(dnat('10.244.1.3:8080'), {}, files), toService, 'node cni0 Out')
    expect(out).toHaveLength(1)
    expect(out[0]).toContain(' SYN ')
  })

  test.each([
    ['… and every frame does, to one who has asked for us himself: the sender', '', 2, 2],
    ['… unless somebody has typed in where he is', 'PERMANENT', 1, 0],
  ])('%s', (_, typed, syns, data) => {
    const mac = /link\/ether (\S+)/.exec(WORLD.get('node/netns/a/ip-addr.txt')!)![1]!
    const files = {
      ...(typed && { 'node/ip-neigh.txt': `10.244.1.2 dev cni0 lladdr ${mac} ${typed}\n` }),
      'node/bridge-link.txt': WORLD.get('node/bridge-link.txt')!.replace(/hairpin off/g, 'hairpin on'),
      'node/netns/a/ss.txt': 'tcp LISTEN 0 16 0.0.0.0:8080 0.0.0.0:*\n',
    }
    const masquerade = 'POSTROUTING -s 10.244.1.2/32 -d 10.244.1.2/32 -j MASQUERADE'
    const snapshot = world(dnat('10.244.1.2:8080', masquerade), {}, files)
    const out = seen(snapshot, toService, 'node cni0 Out')
    expect(out.filter(label => label.includes('SYN'))).toHaveLength(syns)
    expect(out.filter(label => label.includes('data'))).toHaveLength(data)
  })

  test.each(['10.244.1.3', '192.168.50.20'])(
    'where nothing is forwarded, DNAT on a bridge to %s leads up into it',
    to => {
      const off = { 'net.ipv4.ip_forward': '0', 'net.ipv4.conf.cni0.forwarding': '0' }
      const [up] = seen(world(dnat(to), off), toService, 'node cni0 In')
      expect(up).toContain(`>${to}:80 SYN `)
    },
  )

  test.each([
    ['fd00:1::3', 0],
    ['fd00:50::2', 1],
  ])('… in IPv6 only what is not on the bridge: %s', (to, up) => {
    const neighbours = [
      knows('node/netns/a', 'fd00:1::2', 0, 'cni0'),
      knows('node/netns/b', 'fd00:1::3', 0, 'cni0'),
      knows('node/netns/x', 'fd00:50::2', 0, 'eth0'),
    ]
    const node = host(
      'node',
      { eth0: ['fd00:50::1/64'] },
      {
        neighbours,
        sysctl: new Map([
          ['net.bridge.bridge-nf-call-ip6tables', '1'],
          ['net.ipv6.conf.all.forwarding', '0'],
          ['net.ipv6.conf.cni0.forwarding', '0'],
        ]),
        // by its number: xtables-monitor 1.8.9 prints addresses of DNAT as if they were of IPv4
        ip6tables: table(
          'nat',
          'PREROUTING',
          `PREROUTING -d fd00:96::9/128 -m comment --comment r1 -j DNAT --to-destination ${to}`,
        ),
      },
    )
    const mac = '02:00:00:00:01:00'
    node.devices.push(
      { name: 'cni0', kind: 'bridge', mac, addresses: ['fd00:1::1/64'] },
      { name: 'pa', kind: 'veth', mac: '02:00:00:00:02:0a', addresses: [], master: 'cni0' },
      { name: 'pb', kind: 'veth', mac: '02:00:00:00:02:0b', addresses: [], master: 'cni0' },
    )
    const routes = ['default via fd00:1::1 dev eth0 metric 1024']
    const pod = (name: string, address: string, other: string) =>
      host(
        `node/netns/${name}`,
        { eth0: [`${address}/64`] },
        { routes, neighbours: [`fd00:1::1 dev eth0 lladdr ${mac} PERMANENT`, other], ...DNS },
      )
    const x = host('node/netns/x', { eth0: ['fd00:50::2/64'] }, { neighbours: [knows('node', 'fd00:50::1')] })
    const snapshot = small(
      [
        node,
        pod('a', 'fd00:1::2', knows('node/netns/b', 'fd00:1::3')),
        pod('b', 'fd00:1::3', knows('node/netns/a', 'fd00:1::2')),
        x,
      ],
      ['node:pa, node/a:eth0', 'node:pb, node/b:eth0', 'node:eth0, node/x:eth0'],
    )
    const flow = { src: 'a', dst: 'fd00:96::9', proto: 'udp' as const, dport: 53 }
    const frames = seen(snapshot, flow, 'node cni0 In')
    expect(frames.filter(label => label.includes(`>[${to}]:53 `))).toHaveLength(up)
  })

  test('an error that took its time is heard: the socket is free again', () => {
    const node = host(
      'node',
      { eth0: ['fd00:1::1/64'], eth1: ['fd00:50::1/64'] },
      {
        neighbours: [knows('node/netns/a', 'fd00:1::2')],
        sysctl: new Map([['net.ipv6.conf.all.forwarding', '1']]),
      },
    )
    const a = host(
      'node/netns/a',
      { eth0: ['fd00:1::2/64'] },
      { routes: ['default via fd00:1::1 dev eth0 metric 1024'], neighbours: [knows('node', 'fd00:1::1')] },
    )
    const snapshot = small([node, a], ['node:eth0, node/a:eth0'])
    const flow = { src: 'a', dst: 'fd00:50::9', proto: 'tcp' as const, dport: 80 }
    expect(seen(snapshot, flow, 'a eth0 In')[0]).toContain('addr-unreachable')
  })
})

kernelSaysTheSame()
