import type { Snapshot } from '../../src/model/snapshot.js'
import { loadSnapshot } from '../../src/snapshot/load.js'

/**
 *   client 10.1.0.2 -- eth0 node eth1 -- server 10.2.0.2
 *
 * A router between two hosts, as the tools would print it. `rules` is an iptables-save dump; `sysctl` and
 * `netns` lines are put over the defaults.
 */
export function router(
  rules: string,
  more: { readonly sysctl?: string; readonly conntrack?: string } = {},
): Snapshot {
  const link = (index: number, name: string, peer: number, mac: string, address: string) =>
    `${index}: ${name}@if${peer}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether ${mac} brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 0
    veth numtxqueues 2 numrxqueues 2
    inet ${address} scope global ${name}
       valid_lft forever preferred_lft forever
`
  const host = (octet: number) => ({
    addr: link(2, 'eth0', octet + 1, `02:00:00:00:0${octet}:02`, `10.${octet}.0.2/24`),
    route: `default via 10.${octet}.0.1 dev eth0\n10.${octet}.0.0/24 dev eth0 proto kernel scope link src 10.${octet}.0.2\nlocal 10.${octet}.0.2 dev eth0 table local proto kernel scope host src 10.${octet}.0.2\n`,
    ss: 'tcp LISTEN 0 16 0.0.0.0:80 0.0.0.0:*\ntcp LISTEN 0 16 0.0.0.0:8080 0.0.0.0:*\nudp UNCONN 0 0 0.0.0.0:53 0.0.0.0:*\n',
  })
  const files = new Map<string, string>([
    ['node/iptables-save.txt', rules],
    [
      'node/ip-addr.txt',
      link(2, 'eth0', 2, '02:00:00:00:01:01', '10.1.0.1/24') +
        link(3, 'eth1', 2, '02:00:00:00:02:01', '10.2.0.1/24'),
    ],
    [
      'node/ip-route.txt',
      `10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1
10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1
local 10.1.0.1 dev eth0 table local proto kernel scope host src 10.1.0.1
local 10.2.0.1 dev eth1 table local proto kernel scope host src 10.2.0.1
local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1
`,
    ],
    ['node/sysctl.txt', `net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.rp_filter = 0\n${more.sysctl ?? ''}`],
    ['node/ss.txt', 'tcp LISTEN 0 16 0.0.0.0:80 0.0.0.0:*\n'],
    ['snapshot.yaml', 'wires: [["node:eth0", "client:eth0"], ["node:eth1", "server:eth0"]]\n'],
  ])
  if (more.conntrack !== undefined) files.set('node/conntrack.txt', more.conntrack)
  for (const [name, octet] of [
    ['client', 1],
    ['server', 2],
  ] as const) {
    const { addr, route, ss } = host(octet)
    files.set(`node/netns/${name}/ip-addr.txt`, addr)
    files.set(`node/netns/${name}/ip-route.txt`, route)
    files.set(`node/netns/${name}/ss.txt`, ss)
  }
  return loadSnapshot(files)
}

/** A dump of one table with its built-in chains open, and these rules. */
export const table = (name: string, rules: readonly string[], chains: readonly string[] = []): string => {
  const builtIn: Record<string, string[]> = {
    raw: ['PREROUTING', 'OUTPUT'],
    mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
    nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
    filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  }
  return [
    `*${name}`,
    ...builtIn[name]!.map(c => `:${c} ACCEPT [0:0]`),
    ...chains.map(c => `:${c} - [0:0]`),
    ...rules,
    'COMMIT',
    '',
  ].join('\n')
}
