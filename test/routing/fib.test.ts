import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Route, TABLE_MAIN } from '../../src/model/route.js'
import { Fib, failed } from '../../src/routing/fib.js'
import { formatIp, type Ip, ip } from '../../src/values/ip.js'
import { contains, networkOf } from '../../src/values/prefix.js'

const route = (base: Ip, length: number, dev: string, metric = 0): Route => ({
  family: 'ipv4',
  prefix: { base: networkOf({ base, length }), length },
  type: 'unicast',
  table: TABLE_MAIN,
  nexthops: [{ dev, weight: 1, onlink: false }],
  metric,
  scope: 'link',
  text: `${base}/${length} dev ${dev}`,
})
// few distinct networks, so that they nest and clash
const near = fc.integer({ min: 0, max: 15 }).map(n => formatIp([0x0a000000 + ((n & 12) << 22) + (n & 3)]))

describe('route lookup', () => {
  test('is what a scan over all routes gives: longest prefix, then metric, then order', () => {
    const routes = fc.array(
      fc
        .tuple(near, fc.constantFrom(0, 6, 8, 10, 30, 31, 32), fc.constantFrom('a', 'b', 'c'), fc.nat(2))
        .map(([b, l, d, m]) => route(b, l, d, m)),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(routes, near, (all, dst) => {
        const best = all
          .filter(r => contains(r.prefix, dst))
          .toSorted((x, y) => y.prefix.length - x.prefix.length || x.metric - y.metric)[0]
        const found = new Fib('ipv4', all, [], () => true).lookup({ dst, mark: 0 })
        expect(failed(found) ? undefined : found.route).toEqual(best)
      }),
    )
  })

  test('a mark sends it to another table; a throw route sends it back to the next rule', () => {
    const own = { ...route(ip('10.0.0.0'), 8, 'tun0'), table: 100 }
    const thrown = { ...route(ip('10.1.0.0'), 16, 'x'), table: 100, type: 'throw' as const, nexthops: [] }
    const rule = { family: 'ipv4', not: false, action: 'lookup', text: 'r' } as const
    const fib = new Fib(
      'ipv4',
      [own, thrown, route(ip('0.0.0.0'), 0, 'eth0')],
      [
        { ...rule, priority: 100, table: 100, fwmark: { value: 1, mask: 0xff } },
        { ...rule, priority: 32766, table: TABLE_MAIN },
      ],
      () => true,
    )
    const dev = (dst: string, mark: number) => {
      const found = fib.lookup({ dst: ip(dst), mark })
      return failed(found) ? found.error : found.nexthop?.dev
    }
    expect(dev('10.0.0.1', 0)).toBe('eth0')
    expect(dev('10.0.0.1', 0x101)).toBe('tun0')
    expect(dev('10.1.0.1', 1)).toBe('eth0')
  })

  test.each([
    ['blackhole', 'EINVAL'],
    ['unreachable', 'EHOSTUNREACH'],
    ['prohibit', 'EACCES'],
  ] as const)('a %s route fails with %s', (type, error) => {
    const fib = new Fib('ipv4', [{ ...route(ip('10.0.0.0'), 8, 'x'), type, nexthops: [] }], [], () => true)
    expect(fib.lookup({ dst: ip('10.0.0.1'), mark: 0 })).toMatchObject({ error })
    expect(fib.lookup({ dst: ip('11.0.0.1'), mark: 0 })).toMatchObject({ error: 'ENETUNREACH' })
  })

  test('a device that is down takes its routes along', () => {
    const fib = new Fib(
      'ipv4',
      [route(ip('10.0.0.0'), 8, 'down0'), route(ip('0.0.0.0'), 0, 'eth0')],
      [],
      dev => dev !== 'down0',
    )
    const found = fib.lookup({ dst: ip('10.0.0.1'), mark: 0 })
    expect(failed(found) ? found : found.nexthop?.dev).toBe('eth0')
  })
})
