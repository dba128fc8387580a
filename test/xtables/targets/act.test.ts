import { describe, expect, test } from 'vitest'
import { invert } from '../../../src/conntrack/tuple.js'
import { TCP } from '../../../src/model/packet.js'
import type { IpSet } from '../../../src/model/ipset.js'
import type { RuleEnv } from '../../../src/xtables/extension.js'
import { membership } from '../../../src/xtables/sets/membership.js'
import { act, entry, goesOn, memory, packet, skb } from './env.js'

const six = { packet: packet({ from: 'fd00::1', to: 'fd00::2' }) }

describe('marks', () => {
  test.each([
    ['-j MARK --set-mark 0x3/0xf', 0xf0f0, 0xf0f3],
    ['-j MARK --set-mark 0x10/0xf', 0xf0ff, 0xf0f0],
    ['-j MARK --set-xmark 0x1/0x0', 0xffffffff, 0xfffffffe],
    ['-j MARK --and-mark 0xff', 0x1234, 0x34],
    ['-j MARK --or-mark 0x80000000', 1, 0x80000001],
    ['-j MARK --xor-mark 0xffffffff', 0x4000, 0xffffbfff],
  ])('%s', (rule, before, after) => {
    expect(goesOn(rule, { skb: { mark: before } }).mark).toBe(after)
  })

  const tracked = (mark: number) => {
    const e = entry({ mark })
    return { e, ct: { kind: 'tracked', entry: e, info: 'NEW' } as const }
  }
  test.each([
    ['-j CONNMARK --set-xmark 0x5', 0x1, 0xff, 0x5],
    ['-j CONNMARK --save-mark', 0x12, 0xff, 0x12],
    ['-j CONNMARK --save-mark --nfmask 0xf --ctmask 0xff', 0x12, 0xaaff, 0xaa02],
    ['-j CONNMARK --save-mark --left-shift-mark 8', 0x12, 0, 0x1200],
    ['-j CONNMARK --set-xmark 0x80 --right-shift-mark 4', 0, 0, 0x8],
  ])('%s', (rule, mark, ctmark, after) => {
    const { e, ct } = tracked(ctmark)
    expect(goesOn(rule, { skb: { mark, ct } }).mark).toBe(mark)
    expect(e.mark).toBe(after)
  })
  test('--restore-mark brings the masked bits back', () => {
    const { e, ct } = tracked(0x1234)
    const rule = '-j CONNMARK --restore-mark --nfmask 0xffff --ctmask 0xff'
    expect(goesOn(rule, { skb: { mark: 0xabcd0000, ct } }).mark).toBe(0xabcd0034)
    expect(e.mark).toBe(0x1234)
  })
  test('without an entry CONNMARK does nothing', () => {
    expect(goesOn('-j CONNMARK --restore-mark', { skb: { mark: 7 } }).mark).toBe(7)
    expect(goesOn('-j CONNMARK --restore-mark', { skb: { mark: 7, ct: { kind: 'untracked' } } }).mark).toBe(7)
  })
})

describe('nat', () => {
  const nat = { table: 'nat', chain: 'PREROUTING' } as const
  test('DNAT', () => {
    expect(
      act('-p tcp -j DNAT --to-destination 10.9.0.1-10.9.0.5:80-90/8000 --random --persistent', nat),
    ).toEqual({
      kind: 'nat',
      manip: 'dst',
      range: {
        minAddress: '10.9.0.1',
        maxAddress: '10.9.0.5',
        minPort: 80,
        maxPort: 90,
        basePort: 8000,
        random: true,
        persistent: true,
      },
    })
    expect(act('-p tcp -j DNAT --to-destination [fd00::9]:53', { ...nat, skb: six })).toMatchObject({
      range: { minAddress: 'fd00::9', minPort: 53, maxPort: 53 },
    })
    expect(act('-p tcp -j DNAT --to-destination :53', nat)).toEqual({
      kind: 'nat',
      manip: 'dst',
      range: { minPort: 53, maxPort: 53 },
    })
  })
  test('SNAT and MASQUERADE', () => {
    const out = { table: 'nat', chain: 'POSTROUTING' } as const
    expect(act('-j SNAT --to-source 10.9.0.1 --random-fully', out)).toEqual({
      kind: 'nat',
      manip: 'src',
      range: { minAddress: '10.9.0.1', maxAddress: '10.9.0.1', randomFully: true },
    })
    expect(act('-p tcp -j MASQUERADE --to-ports 1024-2000', out)).toEqual({
      kind: 'nat',
      manip: 'src',
      masquerade: true,
      range: { minPort: 1024, maxPort: 2000 },
    })
  })
  test('REDIRECT goes to the device it came by, to loopback from here, and nowhere without an address', () => {
    const addresses = { eth0: ['fe80::1', 'fd00::7', '10.0.0.7', '10.0.0.8'] }
    const skb = { dev: 'eth0' }
    const rule = '-p tcp -j REDIRECT --to-ports 8080'
    expect(act(rule, { ...nat, skb, addresses })).toMatchObject({
      manip: 'dst',
      range: { minAddress: '10.0.0.7', maxAddress: '10.0.0.7', minPort: 8080 },
    })
    expect(act(rule, { ...nat, skb: { ...six, dev: 'eth0' }, addresses })).toMatchObject({
      range: { minAddress: 'fd00::7' },
    })
    expect(act(rule, { ...nat, chain: 'OUTPUT' })).toMatchObject({ range: { minAddress: '127.0.0.1' } })
    expect(act(rule, { ...nat, chain: 'OUTPUT', skb: six })).toMatchObject({ range: { minAddress: '::1' } })
    expect(act(rule, { ...nat, skb, addresses: {} })).toMatchObject({ kind: 'verdict', verdict: 'DROP' })
  })
  test('NETMAP keeps the host bits, of the side that the hook is about', () => {
    const rule = '-j NETMAP --to 192.168.128.0/17'
    const skb = { packet: packet({ from: '10.0.200.3', to: '172.16.129.9' }) }
    expect(act(rule, { ...nat, skb })).toMatchObject({ manip: 'dst', range: { minAddress: '192.168.129.9' } })
    expect(act(rule, { ...nat, chain: 'POSTROUTING', skb })).toMatchObject({
      manip: 'src',
      range: { minAddress: '192.168.200.3', maxAddress: '192.168.200.3' },
    })
    expect(act('-j NETMAP --to fd77::/64', { ...nat, skb: six })).toMatchObject({
      range: { minAddress: 'fd77::2' },
    })
  })
})

describe('before conntrack', () => {
  const raw = { table: 'raw', chain: 'PREROUTING' } as const
  test('CT chooses a zone or none at all, once', () => {
    expect(goesOn('-j CT --zone 5', raw).ct).toMatchObject({ kind: 'template', zone: 5 })
    expect(goesOn('-j CT --zone mark', raw).ct).toMatchObject({ zoneFromMark: true })
    expect(goesOn('-p tcp -j CT --helper ftp', raw).ct).toMatchObject({
      kind: 'template',
      zone: 0,
      helper: 'ftp',
    })
    expect(goesOn('-j CT --notrack', raw).ct).toEqual({ kind: 'untracked' })
    expect(goesOn('-j NOTRACK', raw).ct).toEqual({ kind: 'untracked' })
    const ct = { kind: 'untracked' } as const
    expect(goesOn('-j CT --zone 5', { ...raw, skb: { ct } }).ct).toEqual(ct)
    expect(goesOn('-j CT --zone-orig 5', raw).ct).toMatchObject({
      kind: 'template',
      zone: 5,
      zoneOnly: 'original',
    })
  })
})

test('REJECT names the error that is sent', () => {
  const filter = { table: 'filter' } as const
  expect(act('-j REJECT', filter)).toEqual({
    kind: 'reject',
    how: { kind: 'icmp', type: 3, code: 3, name: 'icmp-port-unreachable' },
  })
  expect(act('-j REJECT --reject-with admin-prohib', filter)).toMatchObject({ how: { type: 3, code: 13 } })
  expect(act('-p tcp -j REJECT --reject-with tcp-reset', filter)).toEqual({
    kind: 'reject',
    how: { kind: 'tcp-reset' },
  })
  expect(act('-j REJECT', { ...filter, skb: six })).toMatchObject({ how: { type: 1, code: 4 } })
})

describe('headers', () => {
  const ttl = (rule: string, before: number) =>
    goesOn(rule, { skb: { packet: packet({ ttl: before }) } }).packet.ttl
  test('TTL and HL stop at both ends', () => {
    expect(ttl('-j TTL --ttl-dec 100', 64)).toBe(0)
    expect(ttl('-j TTL --ttl-inc 200', 64)).toBe(255)
    expect(ttl('-j TTL --ttl-set 0', 64)).toBe(0)
    expect(ttl('-j TTL --ttl-dec 1', 64)).toBe(63)
    expect(goesOn('-j HL --hl-inc 2', { skb: six }).packet.ttl).toBe(66)
  })
  const tos = (rule: string, before: number) =>
    goesOn(rule, { skb: { packet: packet({ tos: before }) } }).packet.tos
  test('DSCP keeps the ECN bits, TOS its mask', () => {
    expect(tos('-j DSCP --set-dscp-class EF', 0x03)).toBe(0xbb)
    expect(tos('-j TOS --set-tos Minimize-Delay', 0xff)).toBe(0xd0)
    expect(tos('-j TOS --xor-tos 0x0f', 0x18)).toBe(0x17)
    expect(tos('-p tcp -j ECN --ecn-ip-ect 2', 0x19)).toBe(0x1a)
  })
  test('ECN clears and sets TCP bits', () => {
    const p = packet({ tcpFlags: TCP.SYN | TCP.ECE | TCP.CWR })
    expect(goesOn('-p tcp -j ECN --ecn-tcp-remove', { skb: { packet: p } }).packet.tcpFlags).toBe(TCP.SYN)
    expect(goesOn('-p tcp -j ECN --ecn-tcp-cwr 0', { skb: { packet: p } }).packet.tcpFlags).toBe(
      TCP.SYN | TCP.ECE,
    )
  })
  test('TCPOPTSTRIP and CLASSIFY', () => {
    const p = packet({ tcpOptions: [2, 4, 8] })
    expect(
      goesOn('-p tcp -j TCPOPTSTRIP --strip-options mss,timestamp', { skb: { packet: p } }).packet.tcpOptions,
    ).toEqual([1, 1, 1, 1, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    expect(goesOn('-j CLASSIFY --set-class 1:10', { chain: 'POSTROUTING' }).priority).toBe(0x10010)
  })
})

describe('SET', () => {
  const set = (over: Partial<IpSet> = {}): IpSet => ({
    name: 's',
    type: 'hash:ip,port',
    family: 'inet',
    options: {},
    entries: [],
    line: 1,
    ...over,
  })
  test('adds, and takes out again, for the rest of the run', () => {
    const world = { memory: memory(), netns: { sets: [set()] } }
    goesOn('-j SET --add-set s src,dst', world)
    const kept = world.memory.get('ipsets', () => new Map<string, IpSet>())
    expect(kept.get('s')?.entries.map(e => e.element)).toEqual(['10.0.0.1,tcp:80'])
    goesOn('-j SET --add-set s src,dst', world)
    expect(kept.get('s')?.entries).toHaveLength(1)
    goesOn('-j SET --del-set s src,dst', world)
    expect(kept.get('s')?.entries).toEqual([])
    expect(world.netns.sets[0]?.entries).toEqual([])
  })
  test('-m set sees what was added', () => {
    const world = { memory: memory(), netns: { sets: [set()] } }
    const env = { netns: world.netns, memory: world.memory, family: 'ipv4', skb: skb() } as unknown as RuleEnv
    expect(membership(env, 's', ['src', 'dst']).is).toBe(false)
    goesOn('-j SET --add-set s src,dst', world)
    expect(membership(env, 's', ['src', 'dst']).is).toBe(true)
    expect(membership(env, 's', ['dst', 'dst']).is).toBe(false)
  })
  test('a set of another family, too few directions, an unknown set: nothing', () => {
    const world = { memory: memory(), netns: { sets: [set({ family: 'inet6' }), set({ name: 't' })] } }
    goesOn('-j SET --add-set s src,dst', world)
    goesOn('-j SET --add-set t src', world)
    goesOn('-j SET --add-set __proto__ src', world)
    expect([...world.memory.get('ipsets', () => new Map<string, IpSet>())]).toEqual([])
  })
  test('--map-set takes the mark of the entry', () => {
    const sets = [
      set({
        type: 'hash:ip',
        entries: [{ element: '10.0.0.1', nomatch: false, options: { skbmark: '0x5/0xf', skbprio: '1:10' } }],
      }),
    ]
    const out = goesOn('-j SET --map-set s src --map-mark --map-prio', {
      netns: { sets },
      skb: { mark: 0xff },
    })
    expect([out.mark, out.priority]).toEqual([0xf5, 0x10010])
    expect(act('-j SET --map-set other src --map-mark', { netns: { sets } }).kind).toBe('unknown')
  })
})

test('TPROXY wants a listener', () => {
  const pre = {
    chain: 'PREROUTING',
    skb: { dev: 'eth0', mark: 0x10 },
    addresses: { eth0: ['10.0.0.7'] },
  } as const
  const rule = '-p tcp -j TPROXY --on-port 3128 --tproxy-mark 0x1/0x1'
  const listener = { proto: 'tcp', port: 3128, families: ['ipv4'], text: '' } as const
  expect(act(rule, { ...pre, netns: { listeners: [listener] } })).toMatchObject({
    kind: 'verdict',
    verdict: 'ACCEPT',
    skb: { mark: 0x11, tproxy: { address: '10.0.0.7', port: 3128 } },
  })
  expect(act(rule, { ...pre, netns: { listeners: [{ ...listener, port: 1 }] } })).toMatchObject({
    verdict: 'DROP',
  })
  expect(act(rule, { ...pre, netns: { listenersKnown: false } }).kind).toBe('unknown')
})

describe('prefix translation, as the kernel did it', () => {
  // recorded on Linux 6.18: what arrived after ip6tables -t mangle -A POSTROUTING -j SNPT
  test.each([
    ['fd01:203:405::1234', 'fd01:203:405::/48', '2001:db8:1::/48', '2001:db8:1:d54f::1234'],
    ['fd01:203:405:1:2:3:4:5', 'fd01:203:405::/48', '2001:db8:1::/48', '2001:db8:1:d550:2:3:4:5'],
    ['fd01:203:405:1:2:3:4:5', 'fd01:203:405:1::/64', '2001:db8:1:9::/64', '2001:db8:1:9:d549:3:4:5'],
    ['fd01:203:405:1:ffff:3:4:5', 'fd01:203:405:1::/64', '2001:db8:1:9::/64', '2001:db8:1:9:ffff:d54a:4:5'],
    ['fd01:203:405:1::7', 'fd01:203::/32', '2001:db8:1:9::/64', '2001:db8:1:9:d141::7'],
    ['fd01:203:405:1::7', 'fd01:203:405:1::/64', '2001::/16', '2001::e309:0:0:7'],
    ['fd01:203:405:ffff::7', 'fd01:203:405::/48', '2001:db8:1::/48', '2001:db8:1:d54f::7'],
  ])('%s from %s to %s', (from, src, dst, after) => {
    const skb = { packet: packet({ from, to: 'fdff::1' }) }
    const rule = `-j SNPT --src-pfx ${src} --dst-pfx ${dst}`
    expect(goesOn(rule, { chain: 'POSTROUTING', skb }).packet.src).toBe(after)
    expect(
      goesOn(`-j DNPT --src-pfx ${src} --dst-pfx ${dst}`, {
        chain: 'PREROUTING',
        skb: { packet: packet({ from: 'fdff::1', to: from }) },
      }).packet.dst,
    ).toBe(after)
  })
  test('no room for the correction: dropped, and told', () => {
    const skb = { packet: packet({ from: 'fd01:203:405:1:ffff:ffff:ffff:ffff', to: 'fdff::1' }) }
    const rule = '-j SNPT --src-pfx fd01:203:405:1::/64 --dst-pfx 2001:db8:1:9::/64'
    expect(act(rule, { chain: 'POSTROUTING', skb })).toMatchObject({
      kind: 'reject',
      how: { type: 4, code: 0 },
    })
  })
})

test('others decide, or only watch', () => {
  expect(act('-j NFQUEUE --queue-num 3 --queue-bypass', { table: 'filter' })).toMatchObject({
    kind: 'verdict',
    verdict: 'QUEUE',
    because: 'queue 3 decides; it goes on if no program listens',
  })
  expect(act('-p tcp -j SYNPROXY --mss 1460', { table: 'filter' }).kind).toBe('unknown')
  expect(
    act('-p tcp -j SYNPROXY', { table: 'filter', skb: { packet: packet({ tcpFlags: TCP.RST }) } }).kind,
  ).toBe('continue')
  for (const rule of ['-j LOG', '-j NFLOG', '-j AUDIT --type drop'])
    expect(act(rule, { table: 'filter' })).toEqual({ kind: 'continue' })
})

describe('HMARK hashes as the kernel does', () => {
  // recorded on Linux 6.18 (x86): conntrack -L after HMARK and CONNMARK --save-mark
  test.each([
    [
      '10.7.0.1',
      5000,
      '10.9.3.4',
      6000,
      '--hmark-tuple src --hmark-mod 0xffffffff --hmark-rnd 0xcafe',
      85513567,
    ],
    [
      '10.9.3.4',
      6001,
      '10.7.0.1',
      5001,
      '--hmark-tuple src --hmark-mod 0xffffffff --hmark-rnd 0xcafe',
      857957935,
    ],
    [
      'fd00:1:2:3::9',
      5002,
      'fd00:7::1',
      6002,
      '--hmark-tuple src --hmark-mod 0xffffffff --hmark-rnd 0xcafe',
      411809022,
    ],
    [
      '10.7.0.1',
      5000,
      '10.9.3.4',
      6000,
      '--hmark-tuple src,dst --hmark-mod 0xffffffff --hmark-rnd 0xcafe',
      771999727,
    ],
    [
      '10.9.3.4',
      6001,
      '10.7.0.1',
      5001,
      '--hmark-tuple src,dst --hmark-mod 0xffffffff --hmark-rnd 0xcafe',
      771999727,
    ],
    [
      'fd00:1:2:3::9',
      5002,
      'fd00:7::1',
      6002,
      '--hmark-tuple src,dst --hmark-mod 0xffffffff --hmark-rnd 0xcafe',
      739937482,
    ],
    [
      '10.7.0.1',
      5000,
      '10.9.3.4',
      6000,
      '--hmark-tuple src,dst,sport,dport --hmark-mod 0xffffffff --hmark-rnd 0xcafe',
      538166031,
    ],
    [
      '10.9.3.4',
      6001,
      '10.7.0.1',
      5001,
      '--hmark-tuple src,dst,sport,dport --hmark-mod 0xffffffff --hmark-rnd 0xcafe',
      1270410037,
    ],
    [
      'fd00:1:2:3::9',
      5002,
      'fd00:7::1',
      6002,
      '--hmark-tuple src,dst,sport,dport --hmark-mod 0xffffffff --hmark-rnd 0xcafe',
      955458574,
    ],
    [
      '10.7.0.1',
      5000,
      '10.9.3.4',
      6000,
      '--hmark-tuple sport,dport --hmark-mod 0xffffffff --hmark-rnd 1',
      3159882192,
    ],
    [
      '10.9.3.4',
      6001,
      '10.7.0.1',
      5001,
      '--hmark-tuple sport,dport --hmark-mod 0xffffffff --hmark-rnd 1',
      2736526150,
    ],
    [
      'fd00:1:2:3::9',
      5002,
      'fd00:7::1',
      6002,
      '--hmark-tuple sport,dport --hmark-mod 0xffffffff --hmark-rnd 1',
      3711146156,
    ],
    [
      '10.7.0.1',
      5000,
      '10.9.3.4',
      6000,
      '--hmark-tuple proto --hmark-mod 0xffffffff --hmark-rnd 1',
      1595768084,
    ],
    [
      '10.9.3.4',
      6001,
      '10.7.0.1',
      5001,
      '--hmark-tuple proto --hmark-mod 0xffffffff --hmark-rnd 1',
      1595768084,
    ],
    [
      'fd00:1:2:3::9',
      5002,
      'fd00:7::1',
      6002,
      '--hmark-tuple proto --hmark-mod 0xffffffff --hmark-rnd 1',
      1595768084,
    ],
    [
      '10.7.0.1',
      5000,
      '10.9.3.4',
      6000,
      '--hmark-tuple src,dst,sport,dport,proto --hmark-mod 10 --hmark-offset 1000 --hmark-rnd 7',
      1005,
    ],
    [
      '10.9.3.4',
      6001,
      '10.7.0.1',
      5001,
      '--hmark-tuple src,dst,sport,dport,proto --hmark-mod 10 --hmark-offset 1000 --hmark-rnd 7',
      1003,
    ],
    [
      'fd00:1:2:3::9',
      5002,
      'fd00:7::1',
      6002,
      '--hmark-tuple src,dst,sport,dport,proto --hmark-mod 10 --hmark-offset 1000 --hmark-rnd 7',
      1004,
    ],
    [
      '10.7.0.1',
      5000,
      '10.9.3.4',
      6000,
      '--hmark-src-prefix 8 --hmark-dst-prefix 16 --hmark-sport-mask 0xff --hmark-dport 0x1 --hmark-proto-mask 0xf --hmark-mod 100000 --hmark-rnd 7',
      92351,
    ],
    [
      '10.9.3.4',
      6001,
      '10.7.0.1',
      5001,
      '--hmark-src-prefix 8 --hmark-dst-prefix 16 --hmark-sport-mask 0xff --hmark-dport 0x1 --hmark-proto-mask 0xf --hmark-mod 100000 --hmark-rnd 7',
      89985,
    ],
    [
      'fd00:1:2:3::9',
      5002,
      'fd00:7::1',
      6002,
      '--hmark-src-prefix 8 --hmark-dst-prefix 16 --hmark-sport-mask 0xff --hmark-dport 0x1 --hmark-proto-mask 0xf --hmark-mod 100000 --hmark-rnd 7',
      64797,
    ],
    [
      '10.7.0.1',
      5000,
      '10.9.3.4',
      6000,
      '--hmark-tuple ct,src,dst,sport,dport,proto --hmark-mod 0xffffffff --hmark-rnd 7',
      2523237301,
    ],
    [
      '10.9.3.4',
      6001,
      '10.7.0.1',
      5001,
      '--hmark-tuple ct,src,dst,sport,dport,proto --hmark-mod 0xffffffff --hmark-rnd 7',
      1431549086,
    ],
    [
      'fd00:1:2:3::9',
      5002,
      'fd00:7::1',
      6002,
      '--hmark-tuple ct,src,dst,sport,dport,proto --hmark-mod 0xffffffff --hmark-rnd 7',
      1796437063,
    ],
  ])('%s:%i %s:%i %s', (from, sport, to, dport, rule, mark) => {
    const p = packet({ from, to, proto: 17, sport, dport })
    const original = {
      proto: 17,
      src: { address: p.src, port: sport },
      dst: { address: p.dst, port: dport },
    }
    const ct = { kind: 'tracked', entry: entry({ original, reply: invert(original) }), info: 'NEW' } as const
    expect(goesOn(`-j HMARK ${rule}`, { skb: { packet: p, ct } }).mark).toBe(mark)
  })
})
