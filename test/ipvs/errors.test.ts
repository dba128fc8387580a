import { describe, expect, test } from 'vitest'
import type { Flow } from '../../src/talk/conversation.js'
import { trace } from '../../src/talk/trace.js'
import { world } from './world.js'

/** What Linux 6.1 did with ICMP errors that IPVS sees, and with packets that it has no server for: ip_vs_in_icmp(), ip_vs_leave(). */
const MANGLE = (...rules: readonly string[]) =>
  `*mangle\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules.map(rule => `-A ${rule} -j MARK --set-xmark 0x70/0xff\n`).join('')}COMMIT\n`
const ask = (flow: Flow, ipvsadm: string, rules: string, sysctl: Record<string, number>) =>
  trace(
    world(
      {
        'n/ipvsadm-save.txt': ipvsadm,
        'n/iptables-save.txt': rules,
        'n/ss.txt': 'tcp LISTEN 0 64 0.0.0.0:80 0.0.0.0:*\n',
        'n/ip-route.txt':
          '10.1.1.0/24 dev v1 proto kernel scope link src 10.1.1.1\n10.1.2.0/24 dev v2 proto kernel scope link src 10.1.2.1\n',
      },
      sysctl,
    ),
    flow,
  )

describe('schedule_icmp', () => {
  const SERVER = '-A -f 112 -s rr\n-a -f 112 -r 10.1.1.2:0 -m -w 1\n'
  const marked = MANGLE('PREROUTING -p icmp', 'OUTPUT -p icmp')
  const refused = (ipvsadm: string, on: number, dst = '10.1.2.1:9') =>
    ask({ src: 'p2', dst, proto: 'udp', sport: 41000 }, ipvsadm, marked, { 'net.ipv4.vs.schedule_icmp': on })

  test('an error begins a connection, and goes to a server instead of the client', () => {
    expect(refused(SERVER, 0).outcome).toBe('refused')
    const talk = refused(SERVER, 1)
    expect(talk.outcome).toBe('timeout')
    expect(talk.ipvs.n).toEqual([
      expect.stringMatching(/^UDP .* UDP +10\.1\.2\.1:9 +10\.1\.2\.2:41000 +10\.1\.1\.2:41000$/),
    ])
  })
  test('one that is forwarded, too, with a TTL that is less by one', () => {
    const error = refused(SERVER, 1, '10.1.1.2:9').packets.at(-1)!
    const ttl = error.events.filter(e => e.kind === 'rewrite' && e.by.startsWith('IPVS') && e.field === 'ttl')
    expect(ttl).toHaveLength(1)
  })
  test('without a server it is lost, and nobody is told about an error', () => {
    const talk = refused('-A -f 112 -s rr\n', 1)
    expect(talk.outcome).toBe('timeout')
    expect(talk.ipvs.n ?? []).toEqual([])
  })
})

describe('cache_bypass', () => {
  const EMPTY = '-A -f 112 -s rr\n'
  const toward = (flow: Flow, on: number) =>
    ask(flow, EMPTY, MANGLE('OUTPUT -p tcp', 'PREROUTING -p tcp'), { 'net.ipv4.vs.cache_bypass': on })

  test('what a mark brings to a Service without servers goes on to where it was for', () => {
    const flow = { src: 'n', dst: '10.1.2.2:80', sport: 41000 }
    expect(toward(flow, 0).outcome).toBe('refused')
    const talk = toward(flow, 1)
    expect(talk.outcome).toBe('ok')
    expect(talk.ipvs.n).toEqual([expect.stringMatching(/10\.1\.1\.1:41000|10\.1\.2\.1:41000/)])
    expect(talk.ipvs.n![0]).toMatch(/10\.1\.2\.2:80 +0\.0\.0\.0:0$/)
  })
  test('but not what is for this machine', () => {
    expect(toward({ src: 'p2', dst: '10.96.0.10:80' }, 1).outcome).toBe('refused')
  })
})

describe('crosses_local_route_boundary()', () => {
  test.each(['-g', '-i'])('what was for others does not end at a server of this machine by %s', method => {
    const talk = ask(
      { src: 'n', dst: '10.1.2.2:80' },
      `-A -f 112 -s rr\n-a -f 112 -r 10.1.1.1:0 ${method} -w 1\n`,
      MANGLE('OUTPUT -p tcp'),
      {},
    )
    expect(talk.outcome).toBe('timeout')
    expect(talk.packets[0]!.events).toContainEqual(
      expect.objectContaining({ kind: 'dropped', reason: 'X_IPVS' }),
    )
  })
})
