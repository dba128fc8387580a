import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { invert, sameTuple, type Tuple } from '../../src/conntrack/tuple.js'
import { formatIp } from '../../src/values/ip.js'

const side = fc.record({ address: fc.nat(0xffffffff).map(w => formatIp([w])), port: fc.nat(65535) })
const ports: fc.Arbitrary<Tuple> = fc.record({ proto: fc.constantFrom(6, 17, 132), src: side, dst: side })
const echo: fc.Arbitrary<Tuple> = fc
  .record({ src: side, dst: side, id: fc.nat(65535), type: fc.constantFrom(0, 8, 13, 14, 15, 16, 17, 18) })
  .map(({ src, dst, id, type }) => ({
    proto: 1,
    src: { ...src, port: id },
    dst: { ...dst, port: id },
    icmp: { type, code: 0 },
  }))

describe('a tuple', () => {
  test('inverted twice is itself', () => {
    fc.assert(fc.property(fc.oneof(ports, echo), t => sameTuple(invert(invert(t)), t)))
  })
  test('an echo request is answered by an echo reply', () => {
    const request: Tuple = {
      proto: 1,
      src: { address: formatIp([1]), port: 7 },
      dst: { address: formatIp([2]), port: 7 },
      icmp: { type: 8, code: 0 },
    }
    expect(invert(request).icmp).toEqual({ type: 0, code: 0 })
  })
})
