import { describe, expect, test } from 'vitest'
import type { Flow } from '../../src/talk/conversation.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { sixWorld } from '../worlds/six.js'
import { trace } from '../../src/talk/trace.js'
import { ask, host, kernelSaysTheSame, rulesHit, small, table, world } from './small-worlds.js'

/** Each table's chains, so that both sides tell where a packet comes by; conntrack looks on. */
const LOGS = (also: Readonly<Record<string, readonly string[]>> = {}) =>
  [
    ['raw', 'PREROUTING OUTPUT'],
    ['mangle', 'PREROUTING INPUT FORWARD OUTPUT POSTROUTING'],
    ['nat', 'PREROUTING INPUT OUTPUT POSTROUTING'],
    ['filter', 'INPUT FORWARD OUTPUT'],
  ]
    .map(([name = '', chains = '']) =>
      table(
        name,
        chains,
        ...chains.split(' ').map(chain => `${chain} -m conntrack --ctstate NEW -j LOG --log-prefix ${chain}`),
        ...(also[name] ?? []),
      ),
    )
    .join('')
const UDP = { proto: 'udp', dport: 8080 } as const
const ALL = '224.0.0.1'
const fromNode: Flow = { src: 'node', dst: ALL, ...UDP }
const seen = (talk: ReturnType<typeof ask>, chain: string) =>
  rulesHit(talk, new RegExp(`LOG --log-prefix ${chain}$`))

describe('datagrams to a group', () => {
  test('all hosts hear it, the sender too; an answer is from one of them, and its socket takes none', () => {
    const talk = ask(world(LOGS()), { src: 'a', dst: ALL, ...UDP })
    expect(talk).toMatchObject({ outcome: 'timeout', because: expect.stringContaining('is a group') })
    const answers = talk.packets.flatMap(
      p => /^udp (\S+):8080 > 10.244.1.2:41000$/.exec(p.summary)?.[1] ?? [],
    )
    expect(answers.sort()).toEqual(['10.244.1.1', '10.244.1.2', '10.244.1.3', '10.244.1.4'])
  })

  test('its copy passes POSTROUTING by itself, comes in by the device that it leaves by, and is nobody else’s', () => {
    const talk = ask(world(LOGS()), fromNode)
    const first = talk.packets[0]!.events.filter(e => e.netns === 'node' && e.kind === 'hook')
    expect(first.map(e => (e.kind === 'hook' ? `${e.hook} ${e.in ?? ''} ${e.out ?? ''}` : ''))).toEqual([
      'OUTPUT  eth0',
      'POSTROUTING  eth0',
      'PREROUTING eth0 ',
      'INPUT eth0 ',
      'POSTROUTING  eth0',
    ])
  })

  test('a bound address names the device', () => {
    const talk = ask(world(LOGS()), { ...fromNode, src: '10.244.1.1' })
    expect(talk.packets[0]!.events.some(e => e.kind === 'hook' && e.out === 'cni0')).toBe(true)
  })

  test('no router passes it on', () => {
    const talk = ask(world(LOGS()), { src: '192.168.50.20', dst: ALL, ...UDP })
    expect(seen(talk, 'FORWARD')).toBe(0)
    expect(seen(talk, 'INPUT')).toBeGreaterThan(0)
  })

  test.each([
    ['1', 'timeout'],
    ['0', 'ok'],
  ])('an echo request, icmp_echo_ignore_broadcasts %s: %s', (ignore, outcome) => {
    const sysctl = { 'net.ipv4.icmp_echo_ignore_broadcasts': ignore }
    expect(ask(world(LOGS(), sysctl), { src: 'a', dst: ALL, proto: 'icmp' }).outcome).toBe(outcome)
  })

  test.each([
    ['mangle', 'POSTROUTING -m statistic --mode nth --every 2 --packet 0', 'timeout'],
    ['mangle', 'POSTROUTING -m statistic --mode nth --every 2 --packet 1', 'not-permitted'],
    ['mangle', 'POSTROUTING', 'not-permitted'],
    ['filter', 'INPUT', 'timeout'],
  ])('what is dropped of its copy, the program does not hear: %s %s', (name, where, outcome) => {
    const drop = { [name]: [`${where} -j DROP`] }
    expect(ask(world(LOGS(drop)), fromNode).outcome).toBe(outcome)
  })

  test.each([
    ['PREROUTING', 'a', ALL, '10.244.1.3', 'timeout'],
    ['PREROUTING', 'a', ALL, '192.168.50.20', 'timeout'],
    ['PREROUTING', 'a', '10.96.0.1', ALL, 'timeout'],
    // the answer gets the group's name behind INPUT's filter: no martian to anybody
    ['OUTPUT', 'node', ALL, '10.244.1.3', 'ok'],
    ['OUTPUT', 'node', '10.96.0.1', ALL, 'timeout'],
    ['OUTPUT', 'node', '10.96.0.1', '10.244.1.255', 'timeout'],
    ['OUTPUT', 'node', '10.96.0.1', '255.255.255.255', 'timeout'],
  ])('DNAT in %s, from %s: %s is %s: %s', (chain, src, dst, to, outcome) => {
    const dnat = { nat: [`${chain} -d ${dst}/32 -j DNAT --to-destination ${to}`] }
    expect(ask(world(LOGS(dnat)), { src, dst, ...UDP }).outcome).toBe(outcome)
  })

  test('a port with mcast_flood off hears of no group, but what the bridge itself sends', () => {
    const wires = ['node:va, node/a:eth0', 'node:vb, node/b:eth0']
    const pods = ['a', 'b'].map((name, at) =>
      host(
        `node/netns/${name}`,
        { eth0: [`10.1.0.${at + 2}/24`] },
        { listeners: [{ proto: 'udp', address: '0.0.0.0', port: 8080 }] },
      ),
    )
    const node = host('node', { br0: ['10.1.0.1/24'], va: [], vb: [] })
    const [br0, va, vb] = node.devices.filter(d => d.name !== 'lo')
    Object.assign(br0!, { kind: 'bridge' })
    Object.assign(va!, { master: 'br0' })
    Object.assign(vb!, { master: 'br0', mcastFlood: false })
    const snapshot = small([node, ...pods], wires)
    const heard = (src: string) =>
      ask(snapshot, { src, dst: ALL, ...UDP }).packets.flatMap(
        p => /^udp 10.1.0.(\d):8080 > /.exec(p.summary)?.[1] ?? [],
      )
    expect(heard('10.1.0.2').sort()).toEqual(['2'])
    expect(heard('10.1.0.1').sort()).toEqual(['2', '3'])
  })

  test('which other groups programs have joined a dump does not tell', () => {
    const talk = ask(world(LOGS()), { src: 'a', dst: '239.1.1.1', ...UDP })
    expect(talk.choices.map(c => c.at)).toContain('whether a program in b has joined 239.1.1.1 on eth0')
    expect(talk).toMatchObject({ outcome: 'timeout', seenByServer: null })
    expect(seen(talk, 'INPUT')).toBe(0)
    const sysctl = { 'net.ipv4.icmp_echo_ignore_broadcasts': '0' }
    const ping = trace(world(LOGS(), sysctl), { src: 'a', dst: '239.1.1.1', proto: 'icmp' })
    expect(ping).toMatchObject({
      outcome: 'unknown',
      because: expect.stringContaining('has joined 239.1.1.1'),
    })
  })

  test.each([
    ['ff05::2', 'icmp', 'ok'],
    ['ff05::2', 'udp', 'timeout'],
    ['ff05::1:3', 'udp', 'timeout'],
    ['ff02::1', 'udp', 'not-permitted'],
    ['ff02::1', 'icmp', 'not-permitted'],
  ] as const)('IPv6: %s by %s: %s', (dst, proto, outcome) => {
    const snapshot = loadSnapshot(sixWorld({ rules: LOGS() }))
    for (const src of ['a', 'node'])
      expect(ask(snapshot, { src, dst, proto, dport: proto === 'icmp' ? 0 : 53 }).outcome).toBe(outcome)
  })
})

kernelSaysTheSame()
