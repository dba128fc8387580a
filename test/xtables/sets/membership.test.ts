import { describe, expect, test } from 'vitest'
import { parseIpsetSave } from '../../../src/parse/ipset.js'
import { membership, type SetSide } from '../../../src/xtables/sets/membership.js'
import type { Rule } from '../../../src/model/ruleset.js'
import { world } from '../matches/world.js'

const SETS = `create a1 hash:ip
add a1 10.0.0.2
create a2 hash:ip netmask 24
add a2 10.0.0.0
create b1 hash:net
add b1 10.0.0.0/8
add b1 10.0.0.0/30 nomatch
add b1 10.0.0.2
create b2 hash:net
add b2 10.0.0.0/24 nomatch
add b2 10.0.0.0/8
create c1 hash:ip,port
add c1 10.0.0.2,udp:2222
create c2 hash:ip,port
add c2 10.0.0.2,2222
create c3 hash:ip,port
add c3 10.0.0.2,icmp:echo-request
add c3 10.0.0.2,icmp:3/3
create d1 hash:net,port
add d1 10.0.0.0/24,udp:2222
add d1 10.0.0.2,udp:2222 nomatch
create d2 hash:net,port
add d2 10.0.0.0/24,udp:2000-2300
create e1 hash:ip,port,ip
add e1 10.0.0.2,udp:2222,10.0.0.1
create f1 hash:ip,port,net
add f1 10.0.0.2,udp:2222,10.0.0.0/8
add f1 10.0.0.2,udp:2222,10.0.0.0/24 nomatch
create j1 hash:net,iface
add j1 10.0.0.0/8,lo
create j2 hash:net,iface
add j2 10.0.0.0/8,eth0
create k1 bitmap:ip range 10.0.0.0/24
add k1 10.0.0.2
create k2 bitmap:ip range 10.0.0.0/16 netmask 24
add k2 10.0.0.0
create l1 bitmap:port range 0-65535
add l1 2222
create m1 list:set
add m1 c2
add m1 a1
create m2 list:set
add m2 c1
create o1 bitmap:ip,mac range 10.0.0.0/24
add o1 10.0.0.2
add o1 10.0.0.1,02:00:00:00:00:01
create r1 hash:net,iface
add r1 10.0.0.0/8,l wildcard
`

/** The sides asked, in the order of the letters below. */
const SIDES = 'src dst dst,dst src,src src,dst dst,src dst,dst,src src,dst,src dst,dst,dst'.split(' ')

/**
 * What Linux 6.18 said: a packet from 10.0.0.1 to 10.0.0.2 in OUTPUT, by lo, with mark 0x15; UDP 1111 to 2222, or an
 * ICMP echo request; Y where the rule `-m set --match-set SET SIDES` counted it.
 */
const RECORDED = [
  ['a1', 'udp', '-YY--YY-Y'],
  ['a2', 'udp', 'YYYYYYYYY'],
  ['b1', 'udp', '-YY--YY-Y'],
  ['b2', 'udp', '---------'],
  ['c1', 'udp', '--Y---Y-Y'],
  ['c2', 'udp', '---------'],
  ['c3', 'udp', '---------'],
  ['d1', 'udp', '----Y--Y-'],
  ['d2', 'udp', '--Y-Y-YYY'],
  ['e1', 'udp', '------Y--'],
  ['f1', 'udp', '---------'],
  ['j1', 'udp', '--Y-Y-YYY'],
  ['j2', 'udp', '---------'],
  ['k1', 'udp', '-YY--YY-Y'],
  ['k2', 'udp', 'YYYYYYYYY'],
  ['l1', 'udp', '-YY--YY-Y'],
  ['m1', 'udp', '-YY--YY-Y'],
  ['m2', 'udp', '--Y---Y-Y'],
  ['o1', 'udp', '---------'],
  ['r1', 'udp', '--Y-Y-YYY'],
  ['a1', 'icmp', '-YY--YY-Y'],
  ['a2', 'icmp', 'YYYYYYYYY'],
  ['b1', 'icmp', '-YY--YY-Y'],
  ['b2', 'icmp', '---------'],
  ['c1', 'icmp', '---------'],
  ['c2', 'icmp', '---------'],
  ['c3', 'icmp', '--Y--YY-Y'],
  ['d1', 'icmp', '---------'],
  ['d2', 'icmp', '---------'],
  ['e1', 'icmp', '---------'],
  ['f1', 'icmp', '---------'],
  ['j1', 'icmp', '--Y-Y-YYY'],
  ['j2', 'icmp', '---------'],
  ['k1', 'icmp', '-YY--YY-Y'],
  ['k2', 'icmp', 'YYYYYYYYY'],
  ['l1', 'icmp', '---------'],
  ['m1', 'icmp', '-YY--YY-Y'],
  ['m2', 'icmp', '---------'],
  ['o1', 'icmp', '---------'],
  ['r1', 'icmp', '--Y-Y-YYY'],
] as const

const rule = {} as Rule
function ask(packet: string, set: string, sides: string, text = SETS) {
  const { sets, problems } = parseIpsetSave(text, 'ipset-save.txt')
  expect(problems).toEqual([])
  const env = world(`${packet} mark=0x15 out=lo`, { table: 'filter', chain: 'OUTPUT', family: 'ipv4', rule })
  return membership({ ...env, netns: { ...env.netns, sets } }, set, sides.split(',') as SetSide[])
}

describe('as the kernel says', () => {
  test.each(RECORDED)('%s, %s', (set, proto, answers) => {
    const packet = proto === 'udp' ? 'udp sport=1111 dport=2222' : 'icmp icmp-type=8/0'
    expect(SIDES.map(sides => (ask(packet, set, sides).is === true ? 'Y' : '-')).join('')).toBe(answers)
  })
})

describe('types that the recording kernel lacks', () => {
  const text = `create g1 hash:net,net
add g1 10.0.0.0/24,10.0.0.0/8
add g1 10.0.0.0/8,10.0.0.0/24 nomatch
create h1 hash:net,port,net
add h1 10.0.0.0/24,udp:2222,10.0.0.0/8
create i1 hash:ip,mark
add i1 10.0.0.2,0x5
create i2 hash:ip,mark markmask 0xf
add i2 10.0.0.2,0x5
create n1 hash:mac
add n1 02:00:00:00:00:09
`
  test.each([
    ['g1', 'src,dst', true],
    ['h1', 'src,dst,dst', true],
    ['h1', 'src,src,dst', false],
    ['i1', 'dst,dst', false],
    ['i2', 'dst,dst', true],
    ['n1', 'src', true],
    ['n1', 'dst', false],
  ] as const)('%s %s', (set, sides, expected) => {
    expect(ask('udp sport=1111 dport=2222 mac=02:00:00:00:00:09', set, sides, text).is).toBe(expected)
  })
})

test('a set of a type or with an element that nobody knows answers unknown', () => {
  expect(ask('udp', 'x', 'src', 'create a hash:ip\n')).toMatchObject({
    is: 'unknown',
    says: 'set x was not dumped',
  })
})

test('a large set is looked up, not walked through', () => {
  const text = `create big hash:ip,port\n${Array.from({ length: 50_000 }, (_, i) => `add big 10.${i >> 16}.${(i >> 8) & 255}.${i & 255},udp:2222\n`).join('')}`
  const { sets } = parseIpsetSave(text, 'big')
  const env = world('udp sport=1111 dport=2222', { table: 'filter', chain: 'OUTPUT', family: 'ipv4', rule })
  const here = { ...env, netns: { ...env.netns, sets } }
  expect(membership(here, 'big', ['dst', 'dst']).is).toBe(true)
  const start = performance.now()
  for (let i = 0; i < 1000; i++) membership(here, 'big', ['dst', 'dst'])
  expect(performance.now() - start).toBeLessThan(500)
})
