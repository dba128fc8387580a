import { expect, test } from 'vitest'
import type { ConntrackEntry } from '../../src/conntrack/entry.js'
import { conntrackLine } from '../../src/conntrack/print-entry.js'
import { invert, type Tuple } from '../../src/conntrack/tuple.js'
import { ip } from '../../src/values/ip.js'
import { entry } from '../xtables/targets/env.js'

const of = (proto: number, sport: number, dport: number, e: Partial<ConntrackEntry> = {}, six = false) => {
  const original: Tuple = {
    proto,
    src: { address: ip(six ? 'fd00::1' : '10.0.0.1'), port: sport },
    dst: { address: ip(six ? 'fd00::2' : '10.0.0.2'), port: dport },
  }
  return entry({ original, reply: invert(original), ...e })
}
const ping = (type: number, proto: number, six: boolean) => {
  const e = of(proto, 77, 77, { expires: 30 }, six)
  const original = { ...e.original, icmp: { type, code: 0 } }
  return { ...e, original, reply: invert(original) }
}

// conntrack 1.4.7 printed these of entries made with conntrack -I
test.each([
  [
    of(6, 1002, 80, { tcpState: 'SYN_SENT', expires: 20 }),
    'tcp      6 19 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=1002 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1002 mark=0 use=1',
  ],
  [
    of(6, 1001, 80, { tcpState: 'ESTABLISHED', expires: 432000, assured: true, seenReply: true }, true),
    'tcp      6 431999 ESTABLISHED src=fd00::1 dst=fd00::2 sport=1001 dport=80 src=fd00::2 dst=fd00::1 sport=80 dport=1001 [ASSURED] mark=0 use=1',
  ],
  [
    of(6, 1003, 80, { tcpState: 'NONE', expires: 20 }),
    'tcp      6 19 NONE src=10.0.0.1 dst=10.0.0.2 sport=1003 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1003 mark=0 use=1',
  ],
  [
    of(17, 1002, 53, { expires: 29, mark: 5 }),
    'udp      17 28 src=10.0.0.1 dst=10.0.0.2 sport=1002 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=1002 mark=5 use=1',
  ],
  [
    of(17, 1003, 53, { expires: 120, zone: 5, assured: true, seenReply: true }),
    'udp      17 119 src=10.0.0.1 dst=10.0.0.2 sport=1003 dport=53 src=10.0.0.2 dst=10.0.0.1 sport=53 dport=1003 [ASSURED] mark=0 zone=5 use=1',
  ],
  [
    ping(8, 1, false),
    'icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=77 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=77 mark=0 use=1',
  ],
  [
    ping(128, 58, true),
    'icmpv6   58 29 src=fd00::1 dst=fd00::2 type=128 code=0 id=77 [UNREPLIED] src=fd00::2 dst=fd00::1 type=129 code=0 id=77 mark=0 use=1',
  ],
  [
    of(50, 0, 0, { expires: 600 }),
    'unknown  50 599 src=10.0.0.1 dst=10.0.0.2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 mark=0 use=1',
  ],
  [
    of(47, 1, 2, { expires: 30 }),
    'gre      47 29 src=10.0.0.1 dst=10.0.0.2 srckey=0x1 dstkey=0x2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 srckey=0x2 dstkey=0x1 mark=0 use=1',
  ],
  [
    of(136, 1, 2, { expires: 30 }),
    'udplite  136 29 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 mark=0 use=1',
  ],
  [
    of(6, 1, 2121, {
      tcpState: 'ESTABLISHED',
      expires: 432000,
      assured: true,
      seenReply: true,
      helper: 'ftp',
    }),
    'tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2121 src=10.0.0.2 dst=10.0.0.1 sport=2121 dport=1 [ASSURED] mark=0 helper=ftp use=1',
  ],
])('%#', (e, line) => {
  expect(conntrackLine(e, 0)).toBe(line)
})

test('an entry that is over shows 0', () => {
  expect(conntrackLine(of(17, 1, 2, { expires: 5 }), 90)).toContain('udp      17 0 src=')
})
