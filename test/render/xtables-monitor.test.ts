import { expect, test } from 'vitest'
import { xtablesMonitorText } from '../../src/render/xtables-monitor.js'
import type { Conversation } from '../../src/talk/conversation.js'
import type { EventBody, TraceEvent } from '../../src/trace/events.js'
import { ip } from '../../src/values/ip.js'

const SYN = 'tcp 10.1.0.2:39482 > 10.9.9.9:80 SYN'
let seq = 0
const event = (body: EventBody, netns = 'b'): TraceEvent => ({ seq: seq++, netns, at: 0, ...body })
const rule = (table: string, chain: string, number: number, text: string, more: object = {}): EventBody => ({
  kind: 'rule',
  hook: 'PREROUTING',
  table,
  chain,
  number,
  text: `-A ${chain} ${text}`,
  verdict: 'CONTINUE',
  file: 'f',
  line: 1,
  packet: SYN,
  ...more,
})
const policy = (table: string): EventBody => ({
  kind: 'policy',
  hook: 'PREROUTING',
  table,
  chain: 'PREROUTING',
  verdict: 'ACCEPT',
  file: 'f',
  line: 1,
  packet: SYN,
})
const talk = (...packets: TraceEvent[][]): Conversation => ({
  flow: {
    asked: { src: 'a', dst: 'b' },
    netns: 'a',
    dst: ip('10.9.9.9'),
    proto: 'tcp',
    sport: 39482,
    dport: 80,
  },
  outcome: 'ok',
  because: '',
  seenByServer: null,
  packets: packets.map((events, index) => ({
    index,
    direction: 'original',
    summary: SYN,
    bornAt: 0,
    events,
  })),
  conntrack: {},
  ipvs: {},
  captures: [],
  findings: [],
  assumptions: [],
  choices: [],
})

test('a PACKET line for each pass, TRACE lines behind it, in the tool’s words', () => {
  const text = xtablesMonitorText(
    talk([
      event({ kind: 'hook', hook: 'PREROUTING', in: 'vba', bridged: false }),
      event(rule('raw', 'PREROUTING', 1, '-j TRACE')),
      event(policy('raw')),
      event(rule('mangle', 'PREROUTING', 1, '-p tcp -j MARK --set-xmark 0x10/0xffffffff')),
      event({ kind: 'mark', what: 'packet', from: 0, to: 16, by: 'MARK' }),
      event(policy('mangle')),
      event(rule('nat', 'PREROUTING', 1, '-p tcp -m tcp --dport 80 -j U', { verdict: 'JUMP', jump: 'U' })),
      event(rule('nat', 'U', 10, '-p tcp -j DNAT --to-destination 10.2.0.2:8080', { verdict: 'ACCEPT' })),
    ]),
  )
  // mon.out of a real run, without MAC addresses, length, TOS, TTL and ID
  expect(text).toBe(
    [
      'PACKET: 2 00000001 IN=vba SRC=10.1.0.2 DST=10.9.9.9 SPORT=39482 DPORT=80 SYN ',
      ' TRACE: 2 00000001 raw:PREROUTING:rule:0x1:CONTINUE  -4 -t raw -A PREROUTING -j TRACE',
      ' TRACE: 2 00000001 raw:PREROUTING:policy:ACCEPT ',
      'PACKET: 2 00000001 IN=vba SRC=10.1.0.2 DST=10.9.9.9 SPORT=39482 DPORT=80 SYN MARK=0x10 ',
      ' TRACE: 2 00000001 mangle:PREROUTING:rule:0x1:CONTINUE  -4 -t mangle -A PREROUTING -p tcp -j MARK --set-xmark 0x10/0xffffffff',
      ' TRACE: 2 00000001 mangle:PREROUTING:policy:ACCEPT ',
      'PACKET: 2 00000001 IN=vba SRC=10.1.0.2 DST=10.9.9.9 SPORT=39482 DPORT=80 SYN MARK=0x10 ',
      ' TRACE: 2 00000001 nat:PREROUTING:rule:0x1:JUMP:U  -4 -t nat -A PREROUTING -p tcp -m tcp --dport 80 -j U',
      ' TRACE: 2 00000001 nat:U:rule:0xa:ACCEPT  -4 -t nat -A U -p tcp -j DNAT --to-destination 10.2.0.2:8080',
      '',
    ].join('\n'),
  )
})

test('RETURN and queues come out as numbers', () => {
  const text = xtablesMonitorText(
    talk([
      event(rule('filter', 'X', 1, '-j RETURN', { verdict: 'RETURN' })),
      event(rule('filter', 'X', 2, '-j NFQUEUE --queue-num 3', { verdict: 'QUEUE' })),
      event(rule('filter', 'X', 3, '-j NFQUEUE --queue-num 1 --queue-bypass', { verdict: 'QUEUE' })),
    ]),
  )
  expect(text).toContain('rule:0x1:0xfffffffb ')
  expect(text).toContain('rule:0x2:0x30003 ')
  expect(text).toContain('rule:0x3:0x18003 ')
})

test('IPv6, ICMP, several namespaces, and a rule’s text that tries to forge a line', () => {
  const forged = '-m comment --comment "x\n TRACE: 2 forged"'
  const icmp = 'icmpv6 fd00::1 > fd00::2 echo-request id 7'
  const tcp6 = 'tcp [fd00::1]:1 > [fd00::2]:2 SYN,ACK'
  const text = xtablesMonitorText(
    talk(
      [event(rule('raw', 'PREROUTING', 1, forged, { packet: icmp }), 'a')],
      [event(rule('raw', 'PREROUTING', 1, '-j TRACE', { packet: tcp6 }), 'b')],
    ),
  )
  expect(text.split('\n')).toEqual([
    '# a',
    'PACKET: 10 00000001 SRC=fd00::1 DST=fd00::2 ',
    ' TRACE: 10 00000001 raw:PREROUTING:rule:0x1:CONTINUE  -6 -t raw -A PREROUTING -m comment --comment "x\\n TRACE: 2 forged"',
    '# b',
    'PACKET: 10 00000002 SRC=fd00::1 DST=fd00::2 SPORT=1 DPORT=2 SYN ACK ',
    ' TRACE: 10 00000002 raw:PREROUTING:rule:0x1:CONTINUE  -6 -t raw -A PREROUTING -j TRACE',
    '',
  ])
})
