import { describe, expect, test } from 'vitest'
import { loadSnapshot } from '../../src/snapshot/load.js'
import type { Flow } from '../../src/talk/conversation.js'
import { sixWorld } from '../worlds/six.js'
import { ask as asked, kernelSaysTheSame, table } from './small-worlds.js'

/**
 * Neighbour discovery and rules, in a world where nobody is known. The kernel at hand is asked the same, with each
 * packet's way through the tables.
 */
const world = (made: Parameters<typeof sixWorld>[0]) => loadSnapshot(sixWorld(made))

const filter = (rules: readonly string[], input = 'ACCEPT'): string =>
  `*filter\n:INPUT ${input} [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules.map(rule => `-A ${rule}\n`).join('')}COMMIT\n`
const TYPE = '-p ipv6-icmp -m icmp6 --icmpv6-type'

const ask = (made: Parameters<typeof sixWorld>[0], flow: Pick<Flow, 'src' | 'dst' | 'proto'>) =>
  asked(world(made), { proto: 'udp', dport: 53, ...flow })
const discovery = (talk: ReturnType<typeof ask>) =>
  talk.packets.filter(p => p.resolves !== undefined).map(p => p.summary)

describe('neighbour discovery and rules', () => {
  test('who is not known is asked for, and whoever is asked knows the asker', () => {
    const talk = ask({ rules: filter([]) }, { src: 'a', dst: 'fd00:2::e' })
    expect(talk.outcome).toBe('ok')
    expect(discovery(talk)).toEqual([
      'icmpv6 fd00:1::a > ff02::1:ff00:1 neighbour-solicitation for fd00:1::1',
      'icmpv6 fd00:1::1 > fd00:1::a neighbour-advertisement for fd00:1::1',
      // what is only forwarded is asked for from the link-local address
      'icmpv6 fe80::4 > ff02::1:ff00:e neighbour-solicitation for fd00:2::e',
      'icmpv6 fd00:2::e > fe80::4 neighbour-advertisement for fd00:2::e',
      // so the one behind knows that address alone
      'icmpv6 fd00:2::e > ff02::1:ff00:1 neighbour-solicitation for fd00:2::1',
      'icmpv6 fd00:2::1 > fd00:2::e neighbour-advertisement for fd00:2::1',
    ])
  })

  test('INPUT drops what is not allowed, and the node hears neither questions nor answers', () => {
    const rules = filter(['INPUT -p udp -j ACCEPT'], 'DROP')
    const pod = ask({ rules }, { src: 'a', dst: 'fd00:1::1' })
    // UDP in IPv6 does not give up for "address unreachable"
    expect(pod.outcome).toBe('timeout')
    expect(pod.packets[0]!.events.at(-1)).toMatchObject({
      reason: 'NEIGH_FAILED',
      because: expect.stringContaining('the question is dropped in node'),
    })
    // the error that the node makes for itself comes in by INPUT too, and is dropped
    const node = ask({ rules }, { src: 'node', dst: 'fd00:1::a' })
    expect(node.packets.filter(p => p.summary.includes('addr-unreachable'))).toHaveLength(1)
    expect(node.packets[0]!.events.at(-1)).toMatchObject({
      reason: 'NEIGH_FAILED',
      because: expect.stringContaining('the answer is dropped in node'),
    })
  })

  test('a TCP connection gives up when all questions have been in vain', () => {
    const rules = filter([`INPUT ${TYPE} 135 -j DROP`])
    expect(ask({ rules }, { src: 'a', dst: 'fd00:1::1', proto: 'tcp' }).outcome).toBe('host-unreachable')
  })

  test.each([
    ['OUTPUT', 'neighbour-solicitation', 'node', 'timeout'],
    ['OUTPUT', 'neighbour-advertisement', 'a', 'timeout'],
    ['OUTPUT', 'neighbour-advertisement', 'node', 'ok'],
    ['INPUT', 'neighbour-advertisement', 'a', 'ok'],
    ['INPUT', 'neighbour-solicitation', 'a', 'timeout'],
  ])('%s drops %s: from %s, %s', (chain, type, src, outcome) => {
    const number = { 'neighbour-solicitation': 135, 'neighbour-advertisement': 136 }[type]
    const rules = filter([`${chain} ${TYPE} ${number} -j DROP`])
    const dst = src === 'node' ? 'fd00:1::a' : 'fd00:1::1'
    expect(ask({ rules }, { src, dst }).outcome).toBe(outcome)
  })

  test.each([
    ['1', 'timeout'],
    ['0', 'ok'],
  ])('a bridge shows it to FORWARD with bridge-nf-call-ip6tables=%s', (calls, outcome) => {
    const rules = filter(['FORWARD -p ipv6-icmp -j DROP'])
    const sysctl = { 'net.bridge.bridge-nf-call-ip6tables': calls }
    expect(ask({ rules, sysctl }, { src: 'a', dst: 'fd00:1::b' }).outcome).toBe(outcome)
  })

  test('it is untracked, of its own socket, and a group of Ethernet', () => {
    const rules = filter([
      'INPUT -m conntrack --ctstate UNTRACKED -m pkttype --pkt-type multicast',
      'OUTPUT -m conntrack --ctstate UNTRACKED -m owner --socket-exists',
    ])
    const talk = ask({ rules }, { src: 'a', dst: 'fd00:1::1' })
    expect(talk.packets.flatMap(p => p.events).filter(e => e.kind === 'rule')).toHaveLength(2)
  })

  test('three times: the second question may pass where the first did not', () => {
    const rules = filter([`INPUT ${TYPE} 135 -m statistic --mode nth --every 3 --packet 0 -j DROP`])
    expect(ask({ rules }, { src: 'a', dst: 'fd00:1::1' }).outcome).toBe('ok')
  })

  test('REJECT tells the node itself of its own answer', () => {
    const rules = filter([`OUTPUT ${TYPE} 136 -j REJECT --reject-with icmp6-adm-prohibited`])
    const talk = ask({ rules }, { src: 'a', dst: 'fd00:1::1' })
    expect(talk.packets.map(p => p.summary)).toContainEqual(
      expect.stringContaining('icmpv6 fd00:1::1 > fd00:1::1 adm-prohibited (icmpv6 fd00:1::1 > fd00:1::a'),
    )
  })

  test('the legacy back end sees it too', () => {
    const rules = `# Generated by ip6tables-save v1.8.9\n${filter([`OUTPUT ${TYPE} 136 -j DROP`])}`
    expect(ask({ rules }, { src: 'a', dst: 'fd00:1::1' }).outcome).toBe('timeout')
    expect(ask({ rules }, { src: 'a', dst: 'fd00:1::b' }).outcome).toBe('ok')
  })

  test('another hop limit than 255 makes it invalid', () => {
    const rules = table('mangle', 'PREROUTING', 'PREROUTING -p ipv6-icmp -j HL --hl-dec 1')
    expect(ask({ rules }, { src: 'a', dst: 'fd00:1::1' }).outcome).toBe('timeout')
  })

  test.each([
    ['a', 'fe80::1', 'tcp'],
    ['a', 'fe80::1', 'udp'],
    ['a', 'fe80::1', 'icmp'],
    ['fe80::5', 'fd00:1::1', 'udp'],
    // whatever the routes say
    ['a', 'fe80::99', 'tcp'],
  ] as const)('an address of one link says nothing without a device: %s > %s %s', (src, dst, proto) => {
    const talk = ask({ rules: filter([]) }, { src, dst, proto })
    expect(talk.outcome).toBe('not-permitted')
    expect(talk.because).toMatch(/EINVAL.*of one link/)
    expect(talk.packets).toEqual([])
  })

  test('without a link-local address nobody is asked for what is only forwarded', () => {
    const made = { rules: filter([]), without: ['eth0'] }
    expect(ask(made, { src: 'a', dst: 'fd00:2::e' }).outcome).toBe('timeout')
    expect(ask(made, { src: 'node', dst: 'fd00:2::e' }).outcome).toBe('ok')
  })
})

kernelSaysTheSame()
