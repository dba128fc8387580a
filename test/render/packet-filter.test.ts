import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Packet } from '../../src/model/packet.js'
import { BadFilter, parsePacketFilter } from '../../src/render/packet-filter.js'
import { ip } from '../../src/values/ip.js'

const packet = (src: string, dst: string, fields: Partial<Packet> = {}): Packet => ({
  family: src.includes(':') ? 'ipv6' : 'ipv4',
  src: ip(src),
  dst: ip(dst),
  proto: 6,
  sport: 41000,
  dport: 80,
  ttl: 64,
  tos: 0,
  id: 1,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
  payload: 0,
  ...fields,
})
const PACKETS = {
  ask: packet('10.0.0.1', '10.96.0.10'),
  answer: packet('10.0.0.2', '10.0.0.1', { sport: 80, dport: 41000 }),
  dns: packet('10.0.0.1', '10.96.0.2', { proto: 17, dport: 53 }),
  ping: packet('10.0.0.1', '10.0.0.2', { proto: 1, icmp: { type: 8, code: 0, id: 1 } }),
  six: packet('fd00::1', 'fd00::2'),
}
const shown = (filter: string) => {
  const shows = parsePacketFilter(filter)
  return Object.entries(PACKETS)
    .flatMap(([name, p]) => (shows(p) ? name : []))
    .join(' ')
}

describe('packet filter', () => {
  test.each([
    ['', 'ask answer dns ping six'],
    ['host 10.96.0.10', 'ask'],
    ['src host 10.0.0.1', 'ask dns ping'],
    ['src 10.0.0.1 and dst 10.0.0.2', 'ping'],
    ['net 10.96.0.0/16', 'ask dns'],
    ['dst net 10.0.0.0/24', 'answer ping'],
    ['port 80', 'ask answer six'],
    ['src port 80', 'answer'],
    ['tcp', 'ask answer six'],
    ['ip6', 'six'],
    ['ip and tcp port 80', 'ask answer'],
    ['tcp dst port 80 or udp', 'ask dns six'],
    ['portrange 50-60', 'dns'],
    ['not port 80', 'dns ping'],
    ['! (tcp or udp)', 'ping'],
    ['host 10.96.0.10 or 10.96.0.2', 'ask dns'],
    // of equal rank, from the left: (udp or tcp) and port 53
    ['udp or tcp and port 53', 'dns'],
    ['udp or (tcp and port 80)', 'ask answer dns six'],
    ['src or dst host 10.0.0.2', 'answer ping'],
    ['proto 17', 'dns'],
    ['host fd00::2', 'six'],
  ])('%s', (filter, expected) => expect(shown(filter)).toBe(expected))

  test.each([
    ['host', '5 expected an address in numbers, not the end'],
    ['host web', '6 expected an address'],
    ['port http', '6 expected a port in numbers'],
    ['port 80 81 82', '9 expected `and`, `or` or the end, not 81'],
    ['tcp and', '8 the expression ends too early'],
    ['(tcp', '5 a closing bracket'],
    ['tcp)', '4 expected `and`'],
    ['vlan 7', '1 vlan: not understood'],
    ['tcp[13] & 2 != 0', '1 tcp[13]: not understood'],
    ['net 10.0.0.0/99', '5 expected a network'],
    [`${'('.repeat(1000)}tcp`, '51 too many brackets'],
  ])('%s', (filter, start) => {
    const said = (() => {
      try {
        parsePacketFilter(filter)
      } catch (error) {
        if (error instanceof BadFilter) return `${error.column} ${error.message}`
      }
      return 'nothing'
    })()
    expect(said.slice(0, start.length)).toBe(start)
  })

  test('any text is a filter or a complaint', () => {
    const word = fc.constantFrom(
      'host',
      'src',
      'port',
      '80',
      'not',
      'and',
      'or',
      '(',
      ')',
      'tcp',
      '10.0.0.1',
      '__proto__',
      '|',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), words => {
        try {
          expect(typeof parsePacketFilter(words.join(' '))(PACKETS.ask)).toBe('boolean')
        } catch (error) {
          expect(error).toBeInstanceOf(BadFilter)
        }
      }),
    )
  })
})
