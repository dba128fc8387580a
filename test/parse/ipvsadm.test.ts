import { describe, expect, test } from 'vitest'
import { parseIpvsadm } from '../../src/parse/ipvsadm.js'
import { printIpvsList, printIpvsSave } from '../../src/print/ipvsadm.js'

const HEAD = [
  'IP Virtual Server version 1.2.1 (size=4096)',
  'Prot LocalAddress:Port Scheduler Flags',
  '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
]
const read = (...lines: string[]) => parseIpvsadm(`${lines.join('\n')}\n`, { file: 'ipvs' })
const said = (result: ReturnType<typeof read>) =>
  result.problems.map(p => `${p.line}:${p.column} ${p.message}`)

describe('ipvsadm -Ln', () => {
  test('prints back as it was', () => {
    const lines = [
      ...HEAD,
      'TCP  10.0.0.1:80 rr',
      '  -> 10.1.0.1:8080                Masq    1      0          0         ',
      '  -> 10.1.0.2:8080                Local   65535  12345      4294967295',
      'UDP  10.0.0.4:5061 rr persistent 60 pe sip ops',
      'TCP  10.0.0.3:445 wlc persistent 60 mask 255.255.240.0',
      'SCTP [2001:db8::3]:444 sh (sh-fallback,sh-port) persistent 300 mask 64',
      '  -> [2001:db8:1::1]:6443         Route   1      0          0         ',
      'FWM  1 IPv6 mh (mh-port)',
      '  -> [2001:db8:1::1]:0            Tunnel  1      0          0         ',
      'FWM  2882430849 rr',
    ]
    const result = read(...lines)
    expect(said(result)).toEqual([])
    expect(printIpvsList(result.ipvs).split('\n').slice(0, -1)).toEqual(lines)
  })

  test('blanks as they come, CRLF, no heading', () => {
    const result = read(
      'TCP 10.0.0.1:80        rr\r',
      '->  10.1.0.1:80 Masq 1 0 0\r',
      'FWM -1 rr\r',
      'TCP  10.0.0.1:90 rr  ',
    )
    expect(said(result)).toEqual([])
    expect(result.ipvs.services.map(s => [s.line, s.realServers.length])).toEqual([
      [1, 1],
      [3, 0],
      [4, 0],
    ])
    expect(result.ipvs.services[1]!.id).toEqual({ kind: 'fwmark', mark: 4294967295, ipv6: false })
  })

  test('the column of --tun-info is passed over', () => {
    const result = read('TCP 1.1.1.1:80 rr', '  -> 10.1.0.4:80   Tunnel  gue:6080:+c   1      0          0')
    expect(said(result)).toEqual([])
    expect(result.ipvs.services[0]!.realServers[0]).toMatchObject({ method: 'Tunnel', weight: 1 })
  })

  test.each([
    [['TCP  10.0.0.1:80'], '1:1 the scheduler is missing: is the line cut?'],
    [['TCP  10.0.0.1:80 round'], '1:18 unknown scheduler round'],
    [['TCP  10.0.0.1:80 rr what'], '1:21 unknown word what in a service line'],
    [['TCP  10.0.0.1:80 rr persistent'], '1:21 the persistence timeout is missing: is the line cut?'],
    [['TCP  localhost:http rr'], '1:6 expected an address and port in numbers'],
    [['TCP  10.0.0.300:80 rr'], '1:1 10.0.0.300 is no IP address'],
    [['TCP  10.0.0.1:70000 rr'], '1:1 the port must be a number from 0 to 65535, not 70000'],
    [['FWM  0 rr'], '1:1 a firewall mark must be a 32-bit number other than 0, not 0'],
    [['  -> 10.1.0.1:80 Masq 1 0 0'], '1:3 a real server before any service'],
    [['TCP 1.1.1.1:80 rr', '  -> 10.1.0.1:80'], '2:3 forwarding method and weight are missing'],
    [['TCP 1.1.1.1:80 rr', '  -> 10.1.0.1:80 Masq 1'], '2:23 the number of active connections is missing'],
    [
      ['TCP 1.1.1.1:80 rr', '  -> 10.1.0.1:80 Ma'],
      '2:18 the forwarding method ends too early (Ma): is the line cut?',
    ],
    [['TCP 1.1.1.1:80 rr', '  -> 10.1.0.1:80 FullNat 1 0 0'], '2:18 unknown forwarding method FullNat'],
    [['TCP 1.1.1.1:80 rr', '  -> 10.1.0.1:80 Masq 1 0 0 inhibited'], '2:29 unknown word inhibited'],
    [
      ['TCP 1.1.1.1:80 rr', 'TCP 1.1.1.1:80 wrr'],
      '2:1 service TCP 1.1.1.1:80 is there twice (first in line 1)',
    ],
    [
      ['TCP 1.1.1.1:80 rr', '-> 2.2.2.2:80 Masq 1 0 0', '-> 2.2.2.2:80 Masq 2 0 0'],
      '3:1 real server 2.2.2.2:80 is there twice',
    ],
    [['TCP 1.1.1.1:80 rr', '-> [::1]:80 Masq 1 0 0'], '2:1 real server [::1]:80 is of another family'],
    [['what is this'], '1:1 expected '],
  ])('%s', (lines, start) => {
    const problems = said(read(...lines))
    expect(problems).toHaveLength(1)
    expect(problems[0]!.startsWith(start), problems[0]).toBe(true)
  })

  test.each([
    ['Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes', '--stats'],
    ['Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS', '--rate'],
    ['  -> RemoteAddress:Port            Weight    PersistConn ActiveConn InActConn', '--persistent-conn'],
    ['Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn', '--thresholds'],
  ])('%s is refused by name', (heading, option) => {
    expect(said(read(HEAD[0]!, heading))).toEqual([
      `2:${heading.length - heading.trimStart().length + 1} \`ipvsadm -Ln ${option}\` does not tell how packets are forwarded: take plain \`ipvsadm -Ln\``,
    ])
  })

  test('connections and /proc/net/ip_vs are known, and refused', () => {
    expect(said(read('IPVS connection entries', 'pro expire state source'))[0]).toMatch(/`ipvsadm -Lnc`/)
    expect(said(read(...HEAD.slice(0, 2), 'TCP  C0A80016:0CEA wlc'))[0]).toMatch(/\/proc\/net\/ip_vs/)
  })
})

describe('ipvsadm -Sn', () => {
  test('prints back as it was', () => {
    const lines = [
      '-A -t 10.0.0.8:80 -s rr -p 600',
      '-a -t 10.0.0.8:80 -r 10.1.0.1:8080 -m -w 1',
      '-a -t 10.0.0.8:80 -r 10.1.0.2:80 -g -w 0',
      '-A -u [2001:db8::6]:5060 -s rr -p 60 -M 64 --pe sip -o',
      '-A --sctp-service 10.0.0.6:80 -s sh -b sh-fallback,sh-port',
      '-A -f 1 -6 -s rr',
      '-a -f 1 -6 -r [2001:db8::1]:0 -i -w 1',
    ]
    const result = read(...lines)
    expect(said(result)).toEqual([])
    expect(printIpvsSave(result.ipvs).split('\n').slice(0, -1)).toEqual(lines)
  })

  test('long options, defaults, tunnels, a comment, the command in front', () => {
    const result = read(
      'ipvsadm --add-service --tcp-service 1.1.1.1:80 --persistent # mine',
      '-a -t 1.1.1.1:80 -r 2.2.2.2:80 --ipip --weight 3 --tun-type gue --tun-port 6080 --tun-csum',
      '-A -f -1412536447 -s wlc',
    )
    expect(said(result)).toEqual([])
    expect(result.ipvs.services[0]).toMatchObject({ scheduler: 'wlc', persistent: 360 })
    expect(result.ipvs.services[0]!.realServers[0]).toMatchObject({ method: 'Tunnel', weight: 3 })
    expect(result.ipvs.services[1]!.id).toMatchObject({ mark: 2882430849 })
  })

  test.each([
    ['-a -t 1.1.1.1:80 -r 2.2.2.2:80 -m', '1:1 no -A line for the service TCP 1.1.1.1:80'],
    ['-A -s rr', '1:1 the service is missing'],
    ['-A -t 1.1.1.1:80 -u 1.1.1.1:80', '1:18 two services'],
    ['-A -t 1.1.1.1:http -s rr', '1:4 expected an address and port in numbers'],
    ['-A -t 1.1.1.1:80 -s', '1:18 -s needs a value'],
    ['-A -t 1.1.1.1:80 -s rr rr', '1:18 rr is too much behind -s'],
    ['-A -t 1.1.1.1:80 -s rr -r 2.2.2.2:80', '1:24 -r makes no sense with -A'],
    ['-A -t 1.1.1.1:80 -s rr -s rr', '1:24 -s is given twice'],
    ['-A -t 1.1.1.1:80 --__proto__', '1:18 expected a comment (#) or an option'],
    ['-A -t 1.1.1.1:80 --constructor', '1:18 unknown option --constructor'],
    ['-D -t 1.1.1.1:80', '1:1 a saved line begins with -A'],
    ['-A -t 1.1.1.1:80 -s rr -p 0', '1:24 the persistence timeout must be a number from 1'],
  ])('%s', (line, start) => {
    const problems = said(read(line))
    expect(problems).toHaveLength(1)
    expect(problems[0]!.startsWith(start), problems[0]).toBe(true)
  })
})
