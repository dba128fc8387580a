import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SCHEDULERS } from '../../src/ipvs/schedulers/index.js'
import type { RealServer, VirtualService } from '../../src/model/ipvs.js'
import { formatIp, ip } from '../../src/values/ip.js'

const server = (n: number, weight: number): RealServer => ({
  address: formatIp([0x0a000000 + n]),
  port: 80,
  method: 'Masq',
  weight,
  activeConnections: 0,
  inactiveConnections: 0,
  line: n,
})
const service = (weights: readonly number[], scheduler: string): VirtualService => ({
  id: { kind: 'address', proto: 'TCP', address: ip('10.96.0.10'), port: 80 },
  scheduler,
  schedulerFlags: [],
  onePacket: false,
  realServers: weights.map((w, i) => server(i + 1, w)),
  line: 1,
})

/** How often each server is chosen in `n` connections. */
function shares(name: string, weights: readonly number[], n: number): number[] {
  const s = service(weights, name)
  const memory = new Map<string, number>()
  const active = new Map<RealServer, number>()
  for (let i = 0; i < n; i++) {
    const chosen = SCHEDULERS.get(name)!.schedule({
      service: s,
      client: formatIp([0x0a010000 + i]),
      clientPort: 1000 + i,
      target: ip('10.96.0.10'),
      memory,
      counts: r => ({ active: active.get(r) ?? 0, inactive: 0 }),
      choose: (_, options) => options[0],
    })
    if (chosen) active.set(chosen, (active.get(chosen) ?? 0) + 1)
  }
  return s.realServers.map(r => active.get(r) ?? 0)
}

describe('schedulers', () => {
  const weights = fc.array(fc.nat(4), { minLength: 1, maxLength: 5 })

  test('none gives a server of weight 0 anything, and all find a live one if there is one', () => {
    fc.assert(
      fc.property(
        weights,
        fc.constantFrom(...[...SCHEDULERS.keys()].filter(n => !['sh', 'dh', 'ovf'].includes(n))),
        (w, name) => {
          const got = shares(name, w, 20)
          w.forEach((weight, i) => {
            if (weight === 0) expect(got[i]).toBe(0)
          })
          expect(got.reduce((a, b) => a + b, 0)).toBe(w.some(x => x > 0) ? 20 : 0)
        },
      ),
    )
  })
  test('rr: n·k connections give each live server k', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 5 }), (w, k) => {
        const live = w.filter(x => x > 0).length
        shares('rr', w, live * k).forEach((got, i) => {
          expect(got).toBe(w[i]! > 0 ? k : 0)
        })
      }),
    )
  })
  test('wrr: in proportion to weight', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 3 }), (w, k) => {
        const sum = w.reduce((a, b) => a + b, 0)
        expect(shares('wrr', w, sum * k)).toEqual(w.map(x => x * k))
      }),
    )
  })
  test('wlc and lc even out', () => {
    expect(shares('wlc', [1, 3], 8)).toEqual([2, 6])
    expect(shares('lc', [1, 3], 8)).toEqual([4, 4])
  })
  test('fo takes the heaviest; ovf overflows from it once it has more connections than weight', () => {
    expect(shares('fo', [1, 3, 2], 6)).toEqual([0, 6, 0])
    expect(shares('ovf', [1, 3, 2], 9)).toEqual([2, 4, 3])
  })
  test('sh sends one client to one server', () => {
    const s = service([1, 1], 'sh')
    const ask = (client: string) =>
      SCHEDULERS.get('sh')!.schedule({
        service: s,
        client: ip(client),
        clientPort: 1,
        target: ip('1.1.1.1'),
        memory: new Map(),
        counts: () => ({ active: 0, inactive: 0 }),
        choose: (_, o) => o[0],
      })
    expect(ask('10.0.0.1')).toBe(ask('10.0.0.1'))
  })
})
