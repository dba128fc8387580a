import { expect, test } from 'vitest'
import type { Packet } from '../../src/model/packet.js'
import { tcpdumpLine } from '../../src/render/tcpdump-line.js'
import { ip } from '../../src/values/ip.js'
import { packet } from '../xtables/targets/env.js'

const udp = packet({ to: '10.0.0.9', proto: 17, dport: 53, payload: 5 })
const v6 = (p: Partial<Packet>) => packet({ from: 'fd00::fe', to: 'fd00::1', ...p })
const udp6 = packet({ from: 'fd00::1', to: 'fd00::9', proto: 17, dport: 53, payload: 5 })
const unreachable = (code: number, inner: Packet = udp) =>
  packet({ from: '10.0.0.254', to: '10.0.0.1', proto: 1, icmp: { type: 3, code }, inner })
const unreachable6 = (code: number) => v6({ proto: 58, icmp: { type: 1, code }, inner: udp6 })

// the right side is what tcpdump 4.99.3 -n prints of such packets, but where the left says otherwise
test.each([
  ['SYN', packet(), 'IP 10.0.0.1.41000 > 10.0.0.2.80: Flags [S], seq 0, win 64240, length 0'],
  [
    'SYN-ACK',
    packet({ tcpFlags: 18 }),
    'IP 10.0.0.1.41000 > 10.0.0.2.80: Flags [S.], seq 0, ack 1, win 65160, length 0',
  ],
  ['ACK', packet({ tcpFlags: 16 }), 'IP 10.0.0.1.41000 > 10.0.0.2.80: Flags [.], ack 1, win 502, length 0'],
  [
    'data',
    packet({ tcpFlags: 24, payload: 4 }),
    'IP 10.0.0.1.41000 > 10.0.0.2.80: Flags [P.], seq 1:5, ack 1, win 502, length 4',
  ],
  [
    'RST',
    packet({ tcpFlags: 20 }),
    'IP 10.0.0.1.41000 > 10.0.0.2.80: Flags [R.], seq 0, ack 1, win 0, length 0',
  ],
  [
    'odd flags',
    packet({ tcpFlags: 0x52 }),
    'IP 10.0.0.1.41000 > 10.0.0.2.80: Flags [S.E], seq 0, ack 1, win 65160, length 0',
  ],
  ['no flags', packet({ tcpFlags: 0 }), 'IP 10.0.0.1.41000 > 10.0.0.2.80: Flags [none], win 502, length 0'],
  ['UDP', packet({ proto: 17, dport: 9999, payload: 5 }), 'IP 10.0.0.1.41000 > 10.0.0.2.9999: UDP, length 5'],
  [
    'echo',
    packet({ proto: 1, icmp: { type: 8, code: 0, id: 7 }, payload: 56 }),
    'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 7, seq 1, length 64',
  ],
  ['net', unreachable(0), 'IP 10.0.0.254 > 10.0.0.1: ICMP net 10.0.0.9 unreachable, length 41'],
  ['host', unreachable(1), 'IP 10.0.0.254 > 10.0.0.1: ICMP host 10.0.0.9 unreachable, length 41'],
  ['protocol', unreachable(2), 'IP 10.0.0.254 > 10.0.0.1: ICMP 10.0.0.9 protocol 17 unreachable, length 41'],
  ['port', unreachable(3), 'IP 10.0.0.254 > 10.0.0.1: ICMP 10.0.0.9 udp port 53 unreachable, length 41'],
  [
    'net admin',
    unreachable(9),
    'IP 10.0.0.254 > 10.0.0.1: ICMP net 10.0.0.9 unreachable - admin prohibited, length 41',
  ],
  [
    'host admin',
    unreachable(10),
    'IP 10.0.0.254 > 10.0.0.1: ICMP host 10.0.0.9 unreachable - admin prohibited, length 41',
  ],
  [
    'filter',
    unreachable(13),
    'IP 10.0.0.254 > 10.0.0.1: ICMP host 10.0.0.9 unreachable - admin prohibited filter, length 41',
  ],
  [
    'port of TCP (a SYN with its options)',
    unreachable(3, packet({ to: '10.0.0.9' })),
    'IP 10.0.0.254 > 10.0.0.1: ICMP 10.0.0.9 tcp port 80 unreachable, length 68',
  ],
  [
    'time',
    packet({ proto: 1, icmp: { type: 11, code: 0 }, inner: udp }),
    'IP 10.0.0.1 > 10.0.0.2: ICMP time exceeded in-transit, length 41',
  ],
  [
    'redirect',
    packet({ proto: 1, icmp: { type: 5, code: 1, gateway: ip('10.0.0.5') }, inner: udp }),
    'IP 10.0.0.1 > 10.0.0.2: ICMP redirect 10.0.0.9 to host 10.0.0.5, length 41',
  ],
  [
    'other ICMP',
    packet({ proto: 1, icmp: { type: 30, code: 0 }, payload: 56 }),
    'IP 10.0.0.1 > 10.0.0.2: ICMP type-#30, length 64',
  ],
  ['sctp', packet({ proto: 132, sport: 41000, dport: 80 }), 'IP 10.0.0.1.41000 > 10.0.0.2.80: sctp'],
  ['unknown', packet({ proto: 99, payload: 20 }), 'IP 10.0.0.1 > 10.0.0.2:  ip-proto-99 20'],
  [
    'fragment',
    packet({ proto: 17, fragmentOffset: 1480, payload: 20 }),
    'IP 10.0.0.1 > 10.0.0.2: ip-proto-17',
  ],
  [
    'IPIP',
    packet({ proto: 4, inner: packet({ to: '10.0.0.9' }) }),
    'IP 10.0.0.1 > 10.0.0.2: IP 10.0.0.1.41000 > 10.0.0.9.80: Flags [S], seq 0, win 64240, length 0',
  ],
  [
    'VXLAN (tcpdump begins a new line for the inner packet)',
    packet({ proto: 17, sport: 5000, dport: 4789, vni: 1, inner: packet() }),
    'IP 10.0.0.1.5000 > 10.0.0.2.4789: VXLAN, flags [I] (0x08), vni 1: IP 10.0.0.1.41000 > 10.0.0.2.80: Flags [S], seq 0, win 64240, length 0',
  ],
  [
    'echo 6',
    v6({ proto: 58, icmp: { type: 128, code: 0, id: 7 }, payload: 56 }),
    'IP6 fd00::fe > fd00::1: ICMP6, echo request, id 7, seq 1, length 64',
  ],
  [
    'no route',
    unreachable6(0),
    'IP6 fd00::fe > fd00::1: ICMP6, destination unreachable, unreachable route fd00::9, length 61',
  ],
  [
    'prohibited',
    unreachable6(1),
    'IP6 fd00::fe > fd00::1: ICMP6, destination unreachable,  unreachable prohibited fd00::9, length 61',
  ],
  [
    'address',
    unreachable6(3),
    'IP6 fd00::fe > fd00::1: ICMP6, destination unreachable, unreachable address fd00::9, length 61',
  ],
  [
    'port 6',
    unreachable6(4),
    'IP6 fd00::fe > fd00::1: ICMP6, destination unreachable, unreachable port, fd00::9 udp port 53, length 61',
  ],
  [
    'hops',
    v6({ proto: 58, icmp: { type: 3, code: 0 }, inner: udp6 }),
    'IP6 fd00::fe > fd00::1: ICMP6, time exceeded in-transit for fd00::9, length 61',
  ],
])('%s', (_what, p, line) => {
  expect(tcpdumpLine(p)).toBe(line)
})
