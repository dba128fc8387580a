import { describe, expect, test } from 'vitest'
import { flagsAreSane, nextTcpState, type Segment } from '../../src/conntrack/state-tcp.js'
import type { Direction, TcpState } from '../../src/conntrack/entry.js'
import { TCP } from '../../src/model/packet.js'

const talk = (from: TcpState, ...segments: [Direction, Segment][]) =>
  segments.reduce<string>((state, [dir, segment]) => {
    const next = nextTcpState(dir, segment, state as TcpState)
    return next === 'ignore' ? state : next
  }, from)

describe('the TCP tracker', () => {
  test('a handshake ends ESTABLISHED', () => {
    expect(talk('NONE', ['original', 'syn'], ['reply', 'synack'], ['original', 'ack'])).toBe('ESTABLISHED')
  })
  test('a refused SYN ends CLOSE', () => {
    expect(talk('NONE', ['original', 'syn'], ['reply', 'rst'])).toBe('CLOSE')
  })
  test('a close from the client ends TIME_WAIT', () => {
    expect(
      talk('ESTABLISHED', ['original', 'fin'], ['reply', 'ack'], ['reply', 'fin'], ['original', 'ack']),
    ).toBe('TIME_WAIT')
  })
  test('an ACK whose SYN-ACK went another way is INVALID: liberal settings do not mend that', () => {
    expect(nextTcpState('original', 'ack', 'SYN_SENT')).toBe('invalid')
  })
  test('a lone ACK is picked up in the middle, a lone SYN-ACK is not', () => {
    expect(nextTcpState('original', 'ack', 'NONE')).toBe('ESTABLISHED')
    expect(nextTcpState('original', 'synack', 'NONE')).toBe('invalid')
  })
  test('simultaneous open', () => {
    expect(
      talk('NONE', ['original', 'syn'], ['reply', 'syn'], ['original', 'synack'], ['reply', 'ack']),
    ).toBe('SYN_RECV')
  })
  test.each([
    [TCP.SYN, true],
    [TCP.SYN | TCP.ACK | TCP.PSH, true],
    [TCP.SYN | TCP.FIN, false],
    [TCP.SYN | TCP.RST, false],
    [0, false],
    [TCP.FIN, false],
    [TCP.FIN | TCP.ACK | TCP.PSH | TCP.URG, true],
  ])('flags %i sane: %s', (flags, sane) => {
    expect(flagsAreSane(flags)).toBe(sane)
  })
})
