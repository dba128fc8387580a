import { expect, test } from 'vitest'
import { packetLength, packetSummary } from '../../src/skb/packet-summary.js'
import { packet } from '../xtables/targets/env.js'

const udp = packet({ from: '10.0.0.2', to: '10.0.0.9', proto: 17, dport: 53, payload: 5 })
const error = packet({
  from: '10.0.0.1',
  to: '10.0.0.2',
  proto: 1,
  icmp: { type: 3, code: 3 },
  inner: udp,
})
const vxlan = packet({
  from: '192.168.1.10',
  to: '192.168.1.11',
  proto: 17,
  sport: 50000,
  dport: 8472,
  vni: 1,
  inner: packet(),
})

test.each([
  [packet(), 'tcp 10.0.0.1:41000 > 10.0.0.2:80 SYN'],
  [packet({ tcpFlags: 18 }), 'tcp 10.0.0.1:41000 > 10.0.0.2:80 SYN,ACK'],
  [packet({ tcpFlags: 24, payload: 4 }), 'tcp 10.0.0.1:41000 > 10.0.0.2:80 PSH,ACK 4 bytes'],
  [packet({ tcpFlags: 0 }), 'tcp 10.0.0.1:41000 > 10.0.0.2:80 no flags'],
  [packet({ from: 'fd00::1', to: 'fd00::2' }), 'tcp [fd00::1]:41000 > [fd00::2]:80 SYN'],
  [udp, 'udp 10.0.0.2:41000 > 10.0.0.9:53'],
  [error, 'icmp 10.0.0.1 > 10.0.0.2 port-unreachable (udp 10.0.0.2:41000 > 10.0.0.9:53)'],
  [
    packet({ proto: 1, icmp: { type: 8, code: 0, id: 7 }, payload: 56 }),
    'icmp 10.0.0.1 > 10.0.0.2 echo-request id 7',
  ],
  [
    packet({ from: 'fd00::1', to: 'fd00::2', proto: 58, icmp: { type: 1, code: 4 } }),
    'icmpv6 fd00::1 > fd00::2 port-unreachable',
  ],
  [packet({ proto: 1, icmp: { type: 99, code: 3 } }), 'icmp 10.0.0.1 > 10.0.0.2 type 99 code 3'],
  [vxlan, 'udp 192.168.1.10:50000 > 192.168.1.11:8472 vxlan 1 [tcp 10.0.0.1:41000 > 10.0.0.2:80 SYN]'],
  [packet({ proto: 4, inner: udp }), 'ipip 10.0.0.1 > 10.0.0.2 [udp 10.0.0.2:41000 > 10.0.0.9:53]'],
  [packet({ proto: 17, fragmentOffset: 1480, payload: 20 }), 'udp 10.0.0.1 > 10.0.0.2 fragment at 1480'],
  [packet({ proto: 99 }), 'proto-99 10.0.0.1 > 10.0.0.2'],
])('%#: %s', (p, text) => {
  expect(packetSummary(p)).toBe(text)
})

test('lengths as Linux makes them', () => {
  expect(packetLength(packet())).toBe(60)
  expect(packetLength(packet({ tcpFlags: 16 }))).toBe(52)
  expect(packetLength(packet({ tcpFlags: 24, payload: 2 }))).toBe(54)
  expect(packetLength(packet({ tcpFlags: 20 }))).toBe(40)
  expect(packetLength(packet({ from: 'fd00::1', to: 'fd00::2' }))).toBe(80)
  expect(packetLength(udp)).toBe(33)
  expect(packetLength(error)).toBe(61)
  expect(packetLength(vxlan)).toBe(20 + 8 + 8 + 14 + 60)
  expect(packetLength(packet({ proto: 1, icmp: { type: 8, code: 0 }, payload: 56 }))).toBe(84)
  expect(packetLength({ ...error, inner: { ...udp, payload: 1400 } })).toBe(576)
})

test('packets inside packets without end are cut off', () => {
  let deep = packet()
  for (let i = 0; i < 10_000; i++) deep = packet({ proto: 4, inner: deep })
  expect(packetSummary(deep)).toContain('…')
  expect(packetLength(deep)).toBeLessThan(1000)
})
