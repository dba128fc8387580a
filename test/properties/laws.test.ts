import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TABLE_PRIORITY } from '../../src/netfilter/priorities.js'
import type { Conversation } from '../../src/talk/conversation.js'
import { trace } from '../../src/talk/trace.js'
import type { TraceEvent } from '../../src/trace/events.js'
import { router, table } from '../worlds/router.js'

const eventsOf = (talk: Conversation): TraceEvent[] => talk.packets.flatMap(p => p.events)
const ask = (rules: string) => trace(router(rules), { src: 'client', dst: '10.2.0.2', dport: 80 })

// --- rules that hit what is there -------------------------------------------------------------------------------

const where = fc.constantFrom(
  '',
  '-s 10.1.0.0/24 ',
  '-s 10.1.0.2/32 ',
  '-d 10.2.0.2/32 ',
  '-i eth0 ',
  '! -i eth1 ',
)
const tcp = fc.constantFrom('', '-p tcp ', '-p tcp -m tcp --dport 80 ', '-p tcp -m conntrack --ctstate NEW ')
const dnat = fc.constantFrom('10.2.0.2', '10.2.0.2:8080', '10.2.0.2:80')
const snat = fc.constantFrom(
  'SNAT --to-source 10.2.0.1',
  'SNAT --to-source 10.2.0.77',
  'MASQUERADE',
  'SNAT --to-source 10.2.0.1:4000-4100',
)
const harmless = fc.constantFrom(
  'MARK --set-xmark 0x1/0xff',
  'CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff',
  'LOG --log-prefix "x "',
  'TTL --ttl-set 60',
)

describe('laws', () => {
  test('turned around: whatever NAT was set up, the client gets exactly its own tuple inverted', () => {
    const rules = fc.record({
      where,
      dnat: fc.option(dnat),
      snat: fc.option(snat.filter(s => !s.includes('10.2.0.77'))),
    })
    fc.assert(
      fc.property(rules, r => {
        const nat = table('nat', [
          ...(r.dnat
            ? [
                `-A PREROUTING ${r.where.replace('! -i eth1 ', '')}-p tcp -m tcp --dport 80 -j DNAT --to-destination ${r.dnat}`,
              ]
            : []),
          ...(r.snat ? [`-A POSTROUTING -o eth1 -p tcp -j ${r.snat}`] : []),
        ])
        const talk = ask(nat)
        expect(talk.outcome).toBe('ok')
        const seen = talk.captures.filter(c => c.netns === 'client' && c.dir === 'In').map(c => c.wire)
        for (const p of seen)
          expect([p.src, p.sport, p.dst, p.dport]).toEqual(['10.2.0.2', 80, '10.1.0.2', 41000])
      }),
      { numRuns: 40 },
    )
  })

  test('decide once: each manip of a connection is bound at most once, and no nat rule is seen by a later packet', () => {
    fc.assert(
      fc.property(where, tcp, snat, (w, t, s) => {
        const talk = ask(
          table('nat', [`-A PREROUTING ${w}${t}-j ACCEPT`, `-A POSTROUTING -o eth1 ${t}-j ${s}`]),
        )
        const bound = eventsOf(talk).flatMap(e => (e.kind === 'nat' ? [`${e.netns} ${e.id} ${e.manip}`] : []))
        expect(bound).toEqual([...new Set(bound)])
        for (const p of talk.packets.slice(1))
          if (p.direction !== 'related')
            expect(p.events.filter(e => e.kind === 'rule' && e.table === 'nat')).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  test('bystander: a rule that cannot match changes no verdict, rewrite or end, wherever it stands', () => {
    const lines = fc.array(
      fc.record({
        chain: fc.constantFrom('PREROUTING', 'FORWARD', 'POSTROUTING'),
        where: where.filter(w => !w.includes('-i')),
        target: harmless,
      }),
      { maxLength: 5 },
    )
    const plain = (talk: Conversation) => ({
      outcome: talk.outcome,
      told: eventsOf(talk)
        .filter(
          e => e.kind === 'rewrite' || e.kind === 'mark' || e.kind === 'dropped' || e.kind === 'delivered',
        )
        .map(({ seq: _, ...rest }) => rest),
    })
    fc.assert(
      fc.property(
        lines,
        fc.nat(5),
        fc.constantFrom('DROP', 'MARK --set-xmark 0xff/0xff', 'TTL --ttl-set 1'),
        (rows, at, target) => {
          const rules = rows.map(r => `-A ${r.chain} ${r.where}-j ${r.target}`)
          const with1 = rules.toSpliced(
            Math.min(at, rules.length),
            0,
            `-A FORWARD -s 203.0.113.99/32 -j ${target}`,
          )
          expect(plain(ask(table('mangle', with1)))).toEqual(plain(ask(table('mangle', rules))))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('unfolding: a jump to a chain is the chain’s rules with the caller’s match put before each', () => {
    const inside = fc.array(
      fc.constantFrom('-p tcp ', '-d 10.2.0.2/32 ', '-s 10.9.0.0/16 ', '').map(m => m),
      { maxLength: 4 },
    )
    const ends = fc.constantFrom('DROP', 'ACCEPT', 'REJECT --reject-with icmp-port-unreachable')
    fc.assert(
      fc.property(
        inside,
        ends,
        fc.constantFrom('-s 10.1.0.0/24 ', '-s 10.8.0.0/16 '),
        (matches, end, caller) => {
          const folded = table(
            'filter',
            [`-A FORWARD ${caller}-j C`, ...matches.map(m => `-A C ${m}-j ${end}`)],
            ['C'],
          )
          const unfolded = table(
            'filter',
            // a second source can't be the caller's: such a rule never matched
            matches.filter(m => !m.startsWith('-s')).map(m => `-A FORWARD ${caller}${m}-j ${end}`),
          )
          expect(ask(folded).outcome).toBe(ask(unfolded).outcome)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('determinism and innocence: the same question gives the same bytes, and the snapshot stays as it was', () => {
    const snapshot = router(table('nat', ['-A POSTROUTING -o eth1 -j MASQUERADE']))
    const before = JSON.stringify(snapshot)
    const first = JSON.stringify(trace(snapshot, { src: 'client', dst: '10.2.0.2', dport: 80 }))
    trace(snapshot, { src: 'node', dst: '10.2.0.2', dport: 8080 })
    expect(JSON.stringify(trace(snapshot, { src: 'client', dst: '10.2.0.2', dport: 80 }))).toBe(first)
    expect(JSON.stringify(snapshot)).toBe(before)
  })

  test('order: within one hook run tables come by priority, and confirm is last', () => {
    const all = ['raw', 'mangle', 'nat', 'filter'].map(t => table(t, [])).join('')
    const rank = (e: TraceEvent): number | undefined => {
      if (e.kind === 'conntrack') return e.action === 'confirm' ? 1000 : -200
      if (e.kind !== 'rule' && e.kind !== 'policy') return undefined
      if (e.table === 'nat') return e.hook === 'POSTROUTING' || e.hook === 'INPUT' ? 100 : -100
      return TABLE_PRIORITY[e.table]
    }
    for (const p of ask(all).packets) {
      let last = Number.NEGATIVE_INFINITY
      for (const e of p.events) {
        if (e.kind === 'hook') last = Number.NEGATIVE_INFINITY
        const at = rank(e)
        if (at === undefined) continue
        expect(at).toBeGreaterThanOrEqual(last)
        last = at
      }
    }
  })

  test('no two replies alike: two clients masqueraded to one address and port never share a tuple', () => {
    const other =
      'tcp      6 431999 ESTABLISHED src=10.1.0.9 dst=10.2.0.2 sport=41000 dport=80 src=10.2.0.2 dst=10.2.0.1 sport=80 dport=41000 [ASSURED] mark=0 use=1\n'
    const talk = trace(router(table('nat', ['-A POSTROUTING -o eth1 -j MASQUERADE']), { conntrack: other }), {
      src: 'client',
      dst: '10.2.0.2',
      dport: 80,
    })
    expect(talk.outcome).toBe('ok')
    expect(talk.seenByServer?.address).toBe('10.2.0.1')
    expect(talk.seenByServer?.port).not.toBe(41000)
    expect(talk.seenByServer?.port).toBeGreaterThanOrEqual(1024)
  })
})
