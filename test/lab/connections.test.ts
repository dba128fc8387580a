import { describe, expect, test } from 'vitest'
import { connectionOf, leftOut } from '../../src/lab/known-connections.js'
import { namespacesOf } from '../../src/snapshot/names.js'
import { ask, kernelSaysTheSame, table, world } from './small-worlds.js'

/** Conversations that meet what the dump's connections have settled; the last test asks the kernel at hand. */
const nat = (...rules: string[]) => table('nat', 'PREROUTING OUTPUT POSTROUTING', ...rules)
const toB = nat('PREROUTING -d 10.96.0.9/32 -p udp -j DNAT --to-destination 10.244.1.3:53')
const LISTEN = {
  'node/netns/b/ss.txt': 'udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:*\ntcp LISTEN 0 16 0.0.0.0:80 0.0.0.0:*\n',
  'node/netns/c/ss.txt': 'udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:*\ntcp LISTEN 0 16 0.0.0.0:80 0.0.0.0:*\n',
  'node/ss.txt': 'tcp LISTEN 0 16 0.0.0.0:80 0.0.0.0:*\n',
}
const knowing = (rules: string, ...lines: string[]) =>
  world(rules, {}, { ...LISTEN, 'node/conntrack.txt': lines.map(line => `${line}\n`).join('') })

describe("the dump's connections", () => {
  const old = (flags: string) =>
    `udp 17 100 src=10.244.1.2 dst=10.96.0.9 sport=40001 dport=53 ${flags === 'UNREPLIED' ? '[UNREPLIED] ' : ''}src=10.244.1.4 dst=10.244.1.2 sport=53 dport=40001 ${flags === 'ASSURED' ? '[ASSURED] ' : ''}mark=0 use=1`

  test.each(['UNREPLIED', '', 'ASSURED'])(
    'UDP goes where it went before (%s), whatever the rules say now',
    flags => {
      const flow = { src: 'a', dst: '10.96.0.9', proto: 'udp' as const, dport: 53, sport: 40001 }
      const talk = ask(knowing(toB, old(flags)), flow)
      expect(talk.packets[0]!.events).toContainEqual(
        expect.objectContaining({ field: 'dst', to: '10.244.1.4' }),
      )
    },
  )

  test('… from another port the rules are asked', () => {
    const talk = ask(knowing(toB, old('ASSURED')), {
      ...{ src: 'a', dst: '10.96.0.9', proto: 'udp' as const, dport: 53, sport: 40002 },
    })
    expect(talk.packets[0]!.events).toContainEqual(
      expect.objectContaining({ field: 'dst', to: '10.244.1.3' }),
    )
  })

  test.each([
    'SYN_SENT',
    'SYN_RECV',
    'ESTABLISHED',
    'FIN_WAIT',
    'CLOSE_WAIT',
    'LAST_ACK',
    'TIME_WAIT',
    'CLOSE',
  ])('a SYN on a connection that is %s', state => {
    const line = `tcp 6 100 ${state} src=10.244.1.2 dst=10.244.1.1 sport=40001 dport=80 src=10.244.1.1 dst=10.244.1.2 sport=80 dport=40001 [ASSURED] mark=3 use=1`
    const rules = table(
      'filter',
      'INPUT OUTPUT',
      'INPUT -m conntrack --ctstate NEW',
      'INPUT -m conntrack --ctstate ESTABLISHED',
      'INPUT -m connmark --mark 0x3',
      'INPUT -m conntrack --ctstate INVALID -j DROP',
    )
    const flow = { src: 'a', dst: '10.244.1.1', proto: 'tcp' as const, dport: 80, sport: 40001 }
    expect(ask(knowing(rules, line), flow).packets.length).toBeGreaterThan(0)
  })

  test('an echo with an id that is tracked already, and NAT of its id', () => {
    const line =
      'icmp 1 29 src=10.244.1.2 dst=10.244.1.1 type=8 code=0 id=77 src=10.244.1.1 dst=10.244.1.2 type=0 code=0 id=77 mark=9 use=1'
    const rules = table('filter', 'INPUT', 'INPUT -m connmark --mark 0x9', 'INPUT -p icmp')
    const flow = { src: 'a', dst: '10.244.1.1', proto: 'icmp' as const, sport: 77 }
    expect(ask(knowing(rules, line), flow).outcome).toBe('ok')
  })

  test('where no packet comes by, they stay', () => {
    const line =
      'udp 17 100 src=10.0.0.1 dst=10.0.0.2 sport=40001 dport=53 src=10.0.0.2 dst=10.0.0.1 sport=53 dport=40001 mark=9 use=1'
    const flow = { src: 'a', dst: '10.244.1.2', proto: 'udp' as const, dport: 53, sport: 40001 }
    expect(ask(knowing(toB, line), flow).conntrack.node).toBeUndefined()
  })

  test('of another zone, it is another one', () => {
    const line =
      'udp 17 100 src=10.244.1.2 dst=10.244.1.1 sport=40001 dport=53 zone=4 src=10.244.1.1 dst=10.244.1.2 sport=53 dport=40001 mark=9 use=1'
    const rules = table('filter', 'INPUT', 'INPUT -m connmark --mark 0x9', 'INPUT -p udp')
    const flow = { src: 'a', dst: '10.244.1.1', proto: 'udp' as const, dport: 53, sport: 40001 }
    ask(knowing(rules, line), flow)
    const talk = ask(
      knowing(`${rules}${table('raw', 'PREROUTING', 'PREROUTING -j CT --zone 4')}`, line),
      flow,
    )
    expect(talk.packets[0]!.events).toContainEqual(
      expect.objectContaining({ text: expect.stringContaining('0x9') }),
    )
  })

  test('what a dump does not tell all of is left out, and told', () => {
    const snapshot = knowing(
      toB,
      'tcp 6 3 TIME_WAIT src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 [ASSURED] mark=0 use=1',
      'sctp 132 300 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 [ASSURED] mark=0 use=1',
      'tcp 6 300 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=3 dport=21 src=10.0.0.2 dst=10.0.0.1 sport=21 dport=3 [ASSURED] mark=0 helper=ftp use=1',
    )
    expect(leftOut(snapshot).join('\n')).toMatch(
      /1 of the dump's 3 connections: they are about to end\n.*tell all of sctp\n.*what their helpers expect/,
    )
  })

  test('NAT is told apart from the tuples', () => {
    const [line] = namespacesOf(
      knowing(
        toB,
        'udp 17 100 src=10.0.0.1 dst=10.96.0.1 sport=1000 dport=53 src=10.1.0.2 dst=192.168.1.10 sport=5353 dport=33000 [ASSURED] mark=5 use=1',
      ),
    ).find(n => n.name === 'node')!.conntrack
    expect(connectionOf(line!)).toMatchObject({
      original: { src: '10.0.0.1', sport: 1000, dst: '10.96.0.1', dport: 53 },
      answer: { src: '10.96.0.1', sport: 53, dst: '10.0.0.1', dport: 1000 },
      dnat: ['10.1.0.2', 5353],
      snat: ['192.168.1.10', 33000],
      status: 14,
    })
  })

  kernelSaysTheSame()
})
