import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseBridgeFdb } from '../../src/parse/bridge-fdb.js'
import { parseBridgeLink } from '../../src/parse/bridge-link.js'
import { parseConntrack } from '../../src/parse/conntrack.js'
import { parseIpAddr } from '../../src/parse/ip-addr.js'
import { parseIpNeigh } from '../../src/parse/ip-neigh.js'
import { parseIpRoute } from '../../src/parse/ip-route.js'
import { parseIpRule } from '../../src/parse/ip-rule.js'
import { parseIpsetSave } from '../../src/parse/ipset.js'
import { finishLinks, mergeLinks } from '../../src/parse/link-draft.js'
import { parseLsmod } from '../../src/parse/lsmod.js'
import { didYouMean, formatProblem, problemAt } from '../../src/parse/problems.js'
import { parseSs } from '../../src/parse/ss.js'
import { parseSysctl } from '../../src/parse/sysctl.js'
import { readSettings } from '../../src/snapshot/settings.js'

test('sysctl -a', () => {
  const { sysctl, problems } = parseSysctl(
    'net.ipv4.ip_forward = 1\nnet.ipv4.ip_local_port_range = 32768\t60999\nnet.ipv4.conf.eth0/7.rp_filter = 2\n__proto__ = 1\nkernel.x =\nsysctl: permission denied\nwhat',
    'f',
  )
  expect({ ...sysctl }).toEqual({
    'net.ipv4.ip_forward': '1',
    'net.ipv4.ip_local_port_range': '32768\t60999',
    'net.ipv4.conf.eth0/7.rp_filter': '2',
    ['__proto__']: '1',
    'kernel.x': '',
  })
  expect(problems).toMatchObject([{ line: 7, severity: 'warning' }])
  expect(parseSysctl('net/ipv4/conf/eth0.7/rp_filter = 1', 'f').sysctl).toHaveProperty([
    'net.ipv4.conf.eth0/7.rp_filter',
  ])
})

test('lsmod', () => {
  expect(
    parseLsmod(
      'Module                  Size  Used by\nbr_netfilter           36864  0\nnf_nat 57344  3 xt_nat,nft_chain_nat\n',
      'f',
    ),
  ).toEqual({
    modules: ['br_netfilter', 'nf_nat'],
    problems: [],
  })
})

describe('ss', () => {
  const read = (text: string) => parseSs(text, 'ss.txt')
  test('addresses, devices, families, process column', () => {
    const { listeners, problems } = read(`tcp LISTEN 0      128           0.0.0.0%v0:80   0.0.0.0:*
udp UNCONN 0      0              127.0.0.53%lo:53   0.0.0.0:*
tcp LISTEN 0 128 *:1002 *:* users:(("python3",pid=1,fd=5))
tcp LISTEN 0 128 [::]:1004 [::]:*
tcp LISTEN 0 128 [2001:db8::1]:1008 [::]:*
udp UNCONN 0 0 [::ffff:10.0.0.1]:1011 *:*
udp UNCONN 0 0 [fe80::1]%eth0:546 [::]:*
tcp ESTAB 0 0 10.0.0.1:22 10.0.0.2:999
u_str LISTEN 0 10 /run/x.sock 1234 * 0`)
    expect(problems).toEqual([])
    expect(
      listeners.map(l => `${l.proto} ${l.address ?? '*'} ${l.port} ${l.families} ${l.dev ?? ''}`),
    ).toEqual([
      'tcp * 80 ipv4 v0',
      'udp 127.0.0.53 53 ipv4 lo',
      'tcp * 1002 ipv4,ipv6 ',
      'tcp * 1004 ipv6 ',
      'tcp 2001:db8::1 1008 ipv6 ',
      'udp 10.0.0.1 1011 ipv4 ',
      'udp fe80::1 546 ipv6 eth0',
    ])
  })
  test('a header, no Netid column, port names', () => {
    expect(
      read(
        'State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\nLISTEN 0 128 0.0.0.0:http 0.0.0.0:*',
      ).listeners,
    ).toMatchObject([{ proto: 'tcp', port: 80 }])
  })
  test('the spelling of old versions', () => {
    expect(read('tcp LISTEN 0 128 *:22 *:*\ntcp LISTEN 0 128 :::22 :::*').listeners).toMatchObject([
      { families: ['ipv4'] },
      { families: ['ipv4', 'ipv6'] },
    ])
  })
  test('an unknown port name says how to dump', () => {
    expect(read('tcp LISTEN 0 128 *:nonesuch *:*').problems[0]?.message).toContain('ss -n')
  })
})

describe('conntrack', () => {
  const one = (text: string) => {
    const { entries, problems } = parseConntrack(text, 'f')
    expect(problems).toEqual([])
    return entries[0]
  }
  test('conntrack -L', () => {
    expect(
      one(
        'tcp      6 119 SYN_SENT src=10.224.1.34 dst=10.233.53.172 sport=56916 dport=8080 [UNREPLIED] src=10.224.1.56 dst=10.224.1.34 sport=8080 dport=56916 mark=16384 zone=3 use=1',
      ),
    ).toMatchObject({
      proto: 6,
      timeout: 119,
      state: 'SYN_SENT',
      original: { src: '10.224.1.34', dst: '10.233.53.172', sport: 56916, dport: 8080 },
      reply: { src: '10.224.1.56', dst: '10.224.1.34', sport: 8080, dport: 56916 },
      unreplied: true,
      assured: false,
      mark: 16384,
      zone: 3,
    })
  })
  test('-o extended,id and /proc/net/nf_conntrack', () => {
    expect(
      one(
        'ipv6     10 tcp      6 431997 ESTABLISHED src=fd01:0000:0000:0000:0000:0000:0000:0002 dst=fd02::2 sport=1 dport=80 packets=3 bytes=224 src=fd02::2 dst=fd01::2 sport=80 dport=1 packets=1 bytes=80 [ASSURED] mark=0 zone=0 delta-time=3 use=2 id=1356741916',
      ),
    ).toMatchObject({ original: { src: 'fd01::2' }, assured: true, state: 'ESTABLISHED' })
  })
  test('ICMP', () => {
    expect(
      one(
        'icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=77 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=77 mark=0 use=1 id=5',
      ),
    ).toMatchObject({
      original: { icmpType: 8, icmpCode: 0, icmpId: 77 },
      reply: { icmpType: 0, icmpId: 77 },
    })
  })
  test('the summary line is passed over, other lines are problems', () => {
    expect(
      parseConntrack('conntrack v1.4.7 (conntrack-tools): 3 flow entries have been shown.', 'f').problems,
    ).toEqual([])
    expect(
      parseConntrack('cpu=0 found=1\ntcp 6 1 NONE src=1.1.1.1 dst=x\ntcp 6 1 src=1.1.1.1 dst=2.2.2.2', 'f')
        .problems,
    ).toHaveLength(3)
  })
})

test('ipset save', () => {
  const { sets, problems } = parseIpsetSave(
    `create KUBE-LOOP-BACK hash:ip,port,ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0xbfa64355
add KUBE-LOOP-BACK 10.244.1.3,tcp:80,10.244.1.3
create inet6:x hash:net family inet6 counters comment
add inet6:x fd00::/8 nomatch packets 8 bytes 672 comment "machine \\A"
-N old iphash --hashsize 128
-A old 10.0.0.1
add nowhere 1.1.1.1
add old "open
__proto__ x y`,
    'ipset-save.txt',
  )
  expect(sets.map(s => [s.name, s.type, s.family, s.entries.length])).toEqual([
    ['KUBE-LOOP-BACK', 'hash:ip,port,ip', 'inet', 1],
    ['inet6:x', 'hash:net', 'inet6', 1],
    ['old', 'hash:ip', 'inet', 1],
  ])
  expect(sets[1]?.entries[0]).toMatchObject({
    element: 'fd00::/8',
    nomatch: true,
    options: { comment: 'machine \\A' },
  })
  expect(problems.map(p => p.line)).toEqual([7, 8, 9])
})

describe('problems', () => {
  test('file, line, column, the line and a caret', () => {
    expect(formatProblem(problemAt({ file: 'f.txt', line: 3, column: 5 }, 'no', 'abc def'))).toBe(
      'f.txt:3:5: no\n  abc def\n      ^',
    )
  })
  test('a huge line is cut around the column, control characters are shown, not sent', () => {
    const source = `${'x'.repeat(100_000)}\u001b[31mBAD${'y'.repeat(100_000)}`
    const problem = problemAt({ file: 'f', line: 1, column: 100_006 }, 'here', source)
    expect(problem.source.length).toBeLessThan(1000)
    const [, line, caret] = formatProblem(problem).split('\n')
    expect(line).toContain('\\u001b[31mBAD')
    expect(line!.slice(caret!.length - 1)).toMatch(/^BAD/)
    expect(line!.length).toBeLessThan(130)
  })
  test('did you mean', () => {
    expect(didYouMean('titel', ['title', 'kernel'])).toBe('; did you mean title?')
    expect(didYouMean('zzzz', ['title'])).toBe('')
  })
})

describe('whatever the text, no reader throws', () => {
  const readers = {
    ipAddr: (t: string) => finishLinks(mergeLinks([parseIpAddr(t, 'f').links])),
    ipRoute: (t: string) => parseIpRoute(t, 'f'),
    ipRule: (t: string) => parseIpRule(t, 'f'),
    ipNeigh: (t: string) => parseIpNeigh(t, 'f'),
    bridgeLink: (t: string) => parseBridgeLink(t, 'f'),
    bridgeFdb: (t: string) => parseBridgeFdb(t, 'f'),
    sysctl: (t: string) => parseSysctl(t, 'f'),
    lsmod: (t: string) => parseLsmod(t, 'f'),
    ss: (t: string) => parseSs(t, 'f'),
    conntrack: (t: string) => parseConntrack(t, 'f'),
    ipset: (t: string) => parseIpsetSave(t, 'f'),
    settings: (t: string) => readSettings(t, 'f'),
  }
  const word = fc.constantFrom(
    ...'1: 2: eth0@if3: <UP> inet 10.0.0.1/24 fd00::1 via dev table nexthop link/ether veth vxlan id bridge_slave from all fwmark 0x1/0xff lookup lladdr tcp 6 src= src=1.1.1.1 dst=2.2.2.2 sport=1 [UNREPLIED] LISTEN *:80 [::]: create add hash:ip "x __proto__ constructor = default endpoints: wires: [ ] { } - \n \n\t'.split(
      ' ',
    ),
  )
  const json = fc.json({ maxDepth: 4 }).map(text => `[${text}]`)
  const fields = fc
    .array(
      fc.dictionary(
        fc.constantFrom(
          'ifname',
          'ifindex',
          'dst',
          'addr_info',
          'linkinfo',
          'flags',
          'mac',
          'priority',
          'src',
          '__proto__',
        ),
        fc.jsonValue(),
      ),
    )
    .map(items => JSON.stringify(items))
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word).map(w => w.join(' ')),
    json,
    fields,
  )
  for (const [name, reader] of Object.entries(readers))
    test(name, () => {
      fc.assert(fc.property(text, t => void reader(t)))
    })
})
