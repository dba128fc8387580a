import { FRESH_PORT } from '../../src/model/iface.js'
import { describe, expect, test } from 'vitest'
import { parseBridgeFdb } from '../../src/parse/bridge-fdb.js'
import { parseBridgeLink } from '../../src/parse/bridge-link.js'
import { parseIpAddr } from '../../src/parse/ip-addr.js'
import { parseIpNeigh } from '../../src/parse/ip-neigh.js'
import { parseIpRoute } from '../../src/parse/ip-route.js'
import { parseIpRule } from '../../src/parse/ip-rule.js'
import { finishLinks, mergeLinks } from '../../src/parse/link-draft.js'

const addr = (text: string) => {
  const { links, problems } = parseIpAddr(text, 'ip-addr.txt')
  return { ifaces: finishLinks(mergeLinks([links])), problems }
}

describe('ip -d addr', () => {
  const text = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 96:0e:94:d4:67:f9 brd ff:ff:ff:ff:ff:ff link-netns sw promiscuity 0 minmtu 68 maxmtu 65535
    veth numtxqueues 2 numrxqueues 2
    inet 10.9.0.1 peer 10.9.0.2/32 scope global eth0
    inet 10.0.0.1/24 brd 10.0.0.255 scope global secondary eth0
    inet6 fe80::1/64 scope link tentative
3: cni0: <BROADCAST,MULTICAST,PROMISC,UP> mtu 1500 qdisc noqueue state UP
    link/ether 2a:6a:5c:85:dd:cc brd ff:ff:ff:ff:ff:ff promiscuity 1
    bridge forward_delay 1500 nf_call_iptables 1 nf_call_ip6tables 0 nf_call_arptables 0
4: vetha@if2: <BROADCAST,UP> mtu 1500 qdisc noqueue master cni0 state UP
    link/ether 6a:0b:b9:11:ec:53 brd ff:ff:ff:ff:ff:ff link-netnsid 1 promiscuity 1
    veth
    bridge_slave state forwarding priority 32 cost 2 hairpin on guard off learning on flood on isolated off
6: flannel.1: <BROADCAST> mtu 1450 qdisc noqueue state DOWN
    link/ether 46:30:1a:49:20:81 brd ff:ff:ff:ff:ff:ff promiscuity 0
    vxlan id 1 local 192.168.50.10 dev eth0 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300
7: tunl0@NONE: <NOARP> mtu 1480 qdisc noop state DOWN
    link/ipip 0.0.0.0 brd 0.0.0.0 promiscuity 0
    ipip any remote any local 10.0.0.1 ttl inherit
8: eth0.7@eth0: <BROADCAST,UP> mtu 1500
    link/ether 96:0e:94:d4:67:f9 brd ff:ff:ff:ff:ff:ff promiscuity 0
    vlan protocol 802.1Q id 7 <REORDER_HDR>
`
  const { ifaces, problems } = addr(text)
  const of = (name: string) => ifaces.find(i => i.name === name)

  test('reads every device without a problem', () => {
    expect(problems).toEqual([])
    expect(ifaces.map(i => `${i.name} ${i.kind}`)).toEqual([
      'lo loopback',
      'eth0 veth',
      'cni0 bridge',
      'vetha veth',
      'flannel.1 vxlan',
      'tunl0 ipip',
      'eth0.7 vlan',
    ])
  })
  test('addresses: a peer, a secondary one, scopes', () => {
    expect(of('eth0')?.addresses).toMatchObject([
      { address: '10.9.0.1', peer: '10.9.0.2', prefixLength: 32, scope: 'global' },
      { address: '10.0.0.1', prefixLength: 24, secondary: true },
      { address: 'fe80::1', family: 'ipv6', scope: 'link' },
    ])
  })
  test('links: index, namespace, lower device', () => {
    expect(of('eth0')).toMatchObject({ linkIndex: 3, linkElsewhere: true, linkNetns: 'sw' })
    expect(of('vetha')).toMatchObject({ linkIndex: 2, linkNetnsId: 1, master: 'cni0', promisc: false })
    expect(of('eth0.7')).toMatchObject({ linkIndex: 2, linkElsewhere: false, vlanId: 7 })
    expect(of('tunl0')).toMatchObject({ noarp: true, tunnel: { local: '10.0.0.1' } })
    expect(of('tunl0')).not.toHaveProperty('linkIndex')
  })
  test('bridge: port flags, per-bridge nf_call, promiscuous', () => {
    expect(of('vetha')?.bridgePort).toMatchObject({ hairpin: true, isolated: false, state: 'forwarding' })
    expect(of('cni0')).toMatchObject({ promisc: true, nfCall: { iptables: true, ip6tables: false } })
  })
  test('vxlan', () => {
    expect(of('flannel.1')).toMatchObject({
      up: false,
      vxlan: { id: 1, local: '192.168.50.10', dev: 'eth0', port: 8472 },
    })
  })
})

test('JSON and text of one device give the same', () => {
  const json = `[{},{"ifindex":4,"link_index":2,"ifname":"vetha","flags":["BROADCAST","UP"],"mtu":1500,"master":"cni0",
    "link_type":"ether","address":"6a:0b:b9:11:ec:53","link_netnsid":1,"promiscuity":1,"linkinfo":{"info_kind":"veth",
    "info_slave_kind":"bridge","info_slave_data":{"state":"forwarding","hairpin":true,"learning":true,"flood":true,"isolated":false}},
    "addr_info":[{"family":"inet","local":"10.0.0.1","prefixlen":24,"scope":"global"}]}]`
  const text = `4: vetha@if2: <BROADCAST,UP> mtu 1500 master cni0
    link/ether 6a:0b:b9:11:ec:53 brd ff:ff:ff:ff:ff:ff link-netnsid 1 promiscuity 1
    veth
    bridge_slave state forwarding hairpin on learning on flood on isolated off
    inet 10.0.0.1/24 scope global vetha`
  expect(addr(json)).toEqual(addr(text))
})

test('a JSON dump lacks the names of namespaces: the text beside it supplies them', () => {
  const json = parseIpAddr(
    '[{"ifindex":2,"ifname":"eth0","link_index":3,"flags":["UP"]}]',
    'ip-addr.json',
  ).links
  const text = parseIpAddr(
    '2: eth0@if3: <UP> mtu 9000\n    link/ether 02:00:00:00:00:01 link-netns b\n    veth',
    't',
  ).links
  expect(finishLinks(mergeLinks([json, text]))[0]).toMatchObject({ linkNetns: 'b', kind: 'veth', mtu: 9000 })
})

test('without -d the kind is told by the link and by the names that container networks use', () => {
  const { ifaces } = addr(
    '2: docker0: <UP> mtu 1500\n3: eth0@if9: <UP> mtu 1500\n4: ens3: <UP> mtu 1500\n5: kube-ipvs0: <> mtu 1500',
  )
  expect(ifaces.map(i => i.kind)).toEqual(['bridge', 'veth', 'physical', 'dummy'])
})

test('`ip -o addr`', () => {
  const { ifaces, problems } = addr(
    '3: v0    inet 10.0.0.1/24 scope global v0\\       valid_lft forever\n3: v0    inet6 2001:db8::1/64 scope global nodad \\ valid_lft 1sec',
  )
  expect(problems).toEqual([])
  expect(ifaces[0]?.addresses.map(a => a.address)).toEqual(['10.0.0.1', '2001:db8::1'])
})

test('a bad line is a problem with its place', () => {
  expect(
    addr('2: eth0: <UP> mtu 1500\n    inet 10.0.0.300/24 scope global eth0\nhello').problems,
  ).toMatchObject([
    { file: 'ip-addr.txt', line: 2, column: 10 },
    { line: 3, column: 1 },
  ])
})

describe('ip route', () => {
  const read = (text: string, family: 'ipv4' | 'ipv6' = 'ipv4') => parseIpRoute(text, 'ip-route.txt', family)
  test('multipath, onlink, a gateway of the other family, types, tables', () => {
    const { routes, problems } = read(`unreachable 10.8.0.0/16 table 100 metric 5
default dev v1 scope link
10.5.0.0/16
\tnexthop via 10.0.0.2 dev v0 weight 2
\tnexthop via 10.0.0.3 dev v0 weight 1 onlink
10.6.0.0/16 via inet6 2001:db8::2 dev v0
10.7.0.0/16 via 10.0.0.9 dev v0 table vpn src 10.0.0.1 onlink mtu lock 1400
local 10.0.0.1 dev v0 table local proto kernel scope host src 10.0.0.1
unreachable default dev lo metric 4294967295 error -101 pref medium
default metric 1024 pref medium
\tnexthop via 2001:db8::3 dev v0 weight 1
fe80::/64 dev v0 proto kernel metric 256 pref medium`)
    expect(problems).toEqual([])
    expect(
      routes.map(r => `${r.family} ${r.type} ${r.prefix.base}/${r.prefix.length} ${r.table} ${r.metric}`),
    ).toEqual([
      'ipv4 unreachable 10.8.0.0/16 100 5',
      'ipv4 unicast 0.0.0.0/0 254 0',
      'ipv4 unicast 10.5.0.0/16 254 0',
      'ipv4 unicast 10.6.0.0/16 254 0',
      expect.stringContaining('ipv4 unicast 10.7.0.0/16'),
      'ipv4 local 10.0.0.1/32 255 0',
      'ipv6 unreachable ::/0 254 4294967295',
      'ipv6 unicast ::/0 254 1024',
      'ipv6 unicast fe80::/64 254 256',
    ])
    expect(routes[2]).toMatchObject({
      text: '10.5.0.0/16 nexthop via 10.0.0.2 dev v0 weight 2 nexthop via 10.0.0.3 dev v0 weight 1 onlink',
      line: 3,
      nexthops: [
        { via: '10.0.0.2', dev: 'v0', weight: 2, onlink: false },
        { via: '10.0.0.3', dev: 'v0', weight: 1, onlink: true },
      ],
    })
    expect(routes[3]?.nexthops).toMatchObject([{ via: '2001:db8::2' }])
    expect(routes[4]).toMatchObject({ src: '10.0.0.1', nexthops: [{ onlink: true }] })
  })
  test('a named table is the same table for routes and rules', () => {
    const table = read('default dev tun0 table vpn').routes[0]?.table
    expect(parseIpRule('100: from all lookup vpn', 'ip-rule.txt').rules[0]?.table).toBe(table)
  })
  test('JSON says the same', () => {
    const { routes, problems } = read(
      '[{"dst":"10.5.0.0/16","flags":[],"nexthops":[{"gateway":"10.0.0.2","dev":"v0","weight":2,"flags":[]},{"gateway":"10.0.0.3","dev":"v0","weight":1,"flags":["onlink"]}]},{"dst":"10.6.0.0/16","via":{"family":"inet6","host":"2001:db8::2"},"dev":"v0","flags":[]},{"dst":"default","dev":"v1","metric":5,"flags":[],"pref":"medium"},{"type":"local","dst":"10.0.0.1","dev":"v0","table":"local","protocol":"kernel","scope":"host","prefsrc":"10.0.0.1","flags":[]}]',
    )
    expect(problems).toEqual([])
    expect(routes.map(r => r.text)).toEqual([
      '10.5.0.0/16 nexthop via 10.0.0.2 dev v0 weight 2 nexthop via 10.0.0.3 dev v0 weight 1 onlink',
      '10.6.0.0/16 via inet6 2001:db8::2 dev v0',
      'default dev v1 metric 5',
      'local 10.0.0.1 dev v0 table local proto kernel scope host src 10.0.0.1',
    ])
    expect(routes[2]?.family).toBe('ipv6')
  })
  test('dead nexthops are not used', () => {
    expect(
      read(
        '10.0.0.0/8\n\tnexthop via 10.1.0.1 dev a weight 1 dead linkdown\n\tnexthop via 10.1.0.2 dev b weight 1',
      ).routes[0]?.nexthops,
    ).toHaveLength(1)
    expect(read('default via 10.0.0.1 dev a dead linkdown').routes).toEqual([])
  })
  test('what is no route is a problem', () => {
    expect(read('Kernel IP routing table\n10.0.0.0/8 via nowhere dev x').problems).toMatchObject([
      { line: 1, column: 1 },
      { line: 2, column: 16 },
    ])
  })
})

describe('ip rule', () => {
  const text = `0:	from all lookup local
32765:	not from 10.0.0.0/8 to 1.2.3.4 tos 0x10 fwmark 0x1/0xff iif v0 ipproto tcp sport 5 dport 80-90 lookup 100 suppress_prefixlength 0
7:	from all unreachable
8:	from all goto 32766
9:	from all iif eth0 [detached] prohibit`
  test('every selector, in the order of priorities', () => {
    const { rules, problems } = parseIpRule(text, 'ip-rule.txt')
    expect(problems).toEqual([])
    expect(rules.map(r => r.priority)).toEqual([0, 7, 8, 9, 32765])
    expect(rules[4]).toMatchObject({
      not: true,
      from: { base: '10.0.0.0', length: 8 },
      to: { base: '1.2.3.4', length: 32 },
      tos: 16,
      fwmark: { value: 1, mask: 255 },
      iif: 'v0',
      ipproto: 6,
      sport: { from: 5, to: 5 },
      dport: { from: 80, to: 90 },
      action: 'lookup',
      table: 100,
      suppressPrefixLength: 0,
      line: 2,
    })
    expect(rules[2]).toMatchObject({ action: 'goto', goto: 32766 })
  })
  test('JSON says the same', () => {
    const { rules } = parseIpRule(
      '[{"priority":0,"src":"all","table":"local"},{"priority":32765,"not":null,"src":"10.0.0.0","srclen":8,"dst":"1.2.3.4","tos":"0x10","fwmark":"0x1","fwmask":"0xff","iif":"v0","ipproto":"tcp","sport":5,"dport_start":80,"dport_end":90,"table":"100","suppress_prefixlen":0}]',
      'ip-rule.json',
    )
    const { line: _, ...asText } = parseIpRule(text, 'ip-rule.txt').rules[4]!
    expect(rules[1]).toEqual({ ...asText, text: expect.any(String) })
  })
  test('rules for users are left out, and said so', () => {
    expect(parseIpRule('5: from all uidrange 5-6 lookup main', 'f')).toMatchObject({
      rules: [],
      problems: [{ severity: 'warning' }],
    })
  })
})

test('ip neigh', () => {
  const text =
    '10.0.0.9 dev v0 lladdr 02:00:00:00:00:09 PERMANENT\nfe80::1 dev v0 lladdr 02:00:00:00:00:01 router STALE\n10.0.0.77 dev v0 proxy\n10.0.0.5 dev v0 FAILED\n'
  const { neighbours, problems } = parseIpNeigh(text, 'f')
  expect(problems).toEqual([])
  expect(neighbours.map(n => `${n.family} ${n.address} ${n.mac} ${n.state} ${n.proxy}`)).toEqual([
    'ipv4 10.0.0.9 02:00:00:00:00:09 PERMANENT false',
    'ipv6 fe80::1 02:00:00:00:00:01 STALE false',
    'ipv4 10.0.0.77 undefined NONE true',
    'ipv4 10.0.0.5 undefined FAILED false',
  ])
  const json = '[{"dst":"10.0.0.9","dev":"v0","lladdr":"02:00:00:00:00:09","state":["PERMANENT"]}]'
  expect(parseIpNeigh(json, 'f').neighbours).toEqual(neighbours.slice(0, 1))
})

test('bridge -d link: the name behind @ is wrong and not read', () => {
  const text = `4: vetha@eth0: <BROADCAST,UP> mtu 1500 master cni0 state forwarding priority 32 cost 2
    hairpin on guard off learning off flood on mcast_flood off bcast_flood on isolated on locked off`
  const { ports, problems } = parseBridgeLink(text, 'f')
  expect(problems).toEqual([])
  expect(ports).toEqual([
    {
      name: 'vetha',
      master: 'cni0',
      detailed: true,
      port: { ...FRESH_PORT, hairpin: true, isolated: true, learning: false, mcastFlood: false },
    },
  ])
  const json =
    '[{"ifindex":4,"link":"eth0","ifname":"vetha","flags":[],"mtu":1500,"master":"cni0","state":"forwarding","hairpin":true,"learning":false,"flood":true,"mcast_flood":false,"isolated":true}]'
  expect(parseBridgeLink(json, 'f').ports).toEqual(ports)
})

test('bridge fdb', () => {
  const text = `0e:2f:15:b5:99:67 dev vetha master cni0
6a:0b:b9:11:ec:53 dev vetha vlan 1 master cni0 permanent
9a:bb:56:b9:d6:c0 dev flannel.1 dst 192.168.50.11 self permanent`
  const { fdb, problems } = parseBridgeFdb(text, 'f')
  expect(problems).toEqual([])
  expect(fdb).toMatchObject([
    { dev: 'vetha', master: 'cni0', permanent: false, self: false },
    { vlan: 1, permanent: true },
    { dst: '192.168.50.11', self: true, permanent: true },
  ])
  const json =
    '[{"mac":"9a:bb:56:b9:d6:c0","ifname":"flannel.1","dst":"192.168.50.11","flags":["self"],"state":"permanent"}]'
  expect(parseBridgeFdb(json, 'f').fdb).toEqual(fdb.slice(2))
})
