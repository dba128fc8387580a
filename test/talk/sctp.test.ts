import { describe, expect, test } from 'vitest'
import { trace } from '../../src/talk/trace.js'
import { router, table } from '../worlds/router.js'

/** Seen on Linux 6.1, by `verify --vm`. */
describe('SCTP', () => {
  const flow = { src: 'client', dst: '10.2.0.2', proto: 'sctp' as const, dport: 80 }

  test('all that it sends may be marked instead of dropped (ECT)', () => {
    const { captures, outcome } = trace(router(''), flow)
    expect(outcome).toBe('ok')
    expect(captures.map(c => c.wire.tos)).toEqual(captures.map(() => 2))
  })

  test('an ICMP error is a passing one to it', () => {
    const rules = table('filter', ['-A FORWARD -p sctp -j REJECT'])
    expect(trace(router(rules), flow).outcome).toBe('timeout')
  })
})
