import { expect, test } from 'vitest'
import type { Packet } from '../../src/model/packet.js'
import { packetBytes } from '../../src/skb/packet-bytes.js'
import { ip } from '../../src/values/ip.js'
import type { Mac } from '../../src/values/mac.js'
import { PROTO } from '../../src/values/proto.js'

const packet = (more: Partial<Packet>): Packet => ({
  ...{ family: 'ipv4', src: ip('10.0.0.1'), dst: ip('10.0.0.2'), proto: PROTO.udp, ttl: 64, tos: 0, id: 1 },
  ...{ dontFragment: false, moreFragments: false, fragmentOffset: 0, payload: 0 },
  ...more,
})
const udp = packet({ sport: 1, dport: 2, payload: 3, data: 'abc' })
const text = (bytes: readonly (number | undefined)[]) =>
  bytes.map(b => (b === undefined ? '?' : String.fromCharCode(b))).join('')

test('an ICMP error holds what it quotes: headers of 20 and 8 bytes, then the packet', () => {
  const icmp = { type: 3, code: 4, mtu: 1400 }
  const { bytes, isData } = packetBytes(packet({ proto: PROTO.icmp, icmp, inner: udp }))
  expect(bytes.length).toBe(20 + 8 + 31)
  expect(bytes.slice(24, 28)).toEqual([0, 0, 5, 0x78])
  expect(bytes[28]).toBe(0x45)
  expect(text(bytes.slice(-3))).toBe('abc')
  expect([isData(27), isData(28 + 27), isData(28 + 28)]).toEqual([false, false, true])
})

test('a tunnel holds the packet too: VXLAN behind its own header and that of the frame', () => {
  const eth = { src: '02:00:00:00:00:01' as Mac, dst: '02:00:00:00:00:02' as Mac }
  const { bytes } = packetBytes(packet({ sport: 40000, dport: 4789, vni: 0x010203, inner: { ...udp, eth } }))
  expect(bytes.slice(28, 36)).toEqual([8, 0, 0, 0, 1, 2, 3, 0])
  expect(bytes.slice(36, 50)).toEqual([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0])
  expect(text(bytes.slice(-3))).toBe('abc')
  expect(text(packetBytes(packet({ proto: PROTO.ipip, inner: udp })).bytes.slice(-3))).toBe('abc')
})

test('neighbour discovery: target, and an option with the MAC address', () => {
  const lladdr = '02:00:00:00:00:07' as Mac
  const icmp = { type: 135, code: 0, target: ip('fd00::2'), lladdr }
  const six = { family: 'ipv6' as const, src: ip('fd00::1'), dst: ip('ff02::1:ff00:2') }
  const { bytes } = packetBytes(packet({ ...six, proto: PROTO.icmpv6, icmp, payload: 24 }))
  expect(bytes.length).toBe(40 + 8 + 24)
  expect(bytes.slice(48, 50)).toEqual([0xfd, 0])
  expect(bytes.slice(-8)).toEqual([1, 1, 2, 0, 0, 0, 0, 7])
})
