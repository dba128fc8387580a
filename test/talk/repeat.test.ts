import { expect, test } from 'vitest'
import { trace } from '../../src/talk/trace.js'
import { router, table } from '../worlds/router.js'

const SERVICE = table('nat', [
  '-A PREROUTING -d 10.96.0.10/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.2.0.2:53',
])
/** kube-proxy has replaced the endpoint 10.2.0.9; the client's entry has not heard of it. */
const STALE =
  'udp      17 25 src=10.1.0.2 dst=10.96.0.10 sport=41000 dport=53 src=10.2.0.9 dst=10.1.0.2 sport=53 dport=41000 [ASSURED] mark=0 use=1\n'
const ask = (wait: number, conntrack = STALE) =>
  trace(
    router(SERVICE, { conntrack }),
    { src: 'client', dst: '10.96.0.10', dport: 53, proto: 'udp' },
    { repeat: 2, wait },
  )

test('an entry to a dead endpoint decides until its time is over', () => {
  const soon = ask(10)
  expect(soon.outcome).toBe('timeout')
  expect(soon.earlier?.map(({ outcome }) => outcome)).toEqual(['timeout'])
  // its first question in vain gives a stream another 120 s
  expect(ask(60).outcome).toBe('timeout')
  const later = ask(130)
  expect(later.outcome).toBe('ok')
  expect(later.earlier).toHaveLength(1)
})

test('the entry of an unanswered question lives 30 s', () => {
  const fresh = STALE.replace(' [ASSURED]', '').replace(' src=10.2.0.9', ' [UNREPLIED] src=10.2.0.9')
  expect(ask(20, fresh).outcome).toBe('timeout')
  expect(ask(40, fresh).outcome).toBe('ok')
})

test('the last round is told as a conversation of its own', () => {
  const talk = trace(
    router(table('filter', ['-A FORWARD -m conntrack --ctstate NEW -j ACCEPT'])),
    { src: 'client', dst: '10.2.0.2', dport: 80 },
    { repeat: 3, wait: 1 },
  )
  expect(talk.outcome).toBe('ok')
  expect(talk.packets.map(({ index }) => index)).toEqual(talk.packets.map((_, at) => at))
  expect(talk.packets[0]?.summary).toContain('SYN')
  expect(talk.captures.every(({ packet }) => packet >= 0 && packet < talk.packets.length)).toBe(true)
  // closed by FINs, so the same ports are a new connection under the same rules
  const events = talk.packets[0]!.events.filter(e => e.kind === 'conntrack')
  expect(events.map(e => e.action)).toContain('new')
  expect(talk.conntrack.node).toHaveLength(1)
})

test('SCTP closes and opens again', () => {
  const world = router(table('nat', ['-A POSTROUTING -o eth1 -j MASQUERADE']))
  const flow = { src: 'client', dst: '10.2.0.2', dport: 80, proto: 'sctp' as const }
  const talk = trace(world, flow, { repeat: 2, wait: 15 })
  expect(talk.outcome).toBe('ok')
  expect(talk.conntrack.node?.[0]).toContain('209 ESTABLISHED')
})
