import { loadSnapshot } from '../../src/snapshot/load.js'

/** A node with one Service and two pods on a bridge; the client is the node itself. */
export const world = (files: Record<string, string>, sysctl: Record<string, number> = {}) =>
  loadSnapshot(
    new Map(
      Object.entries({
        'n/ip-addr.txt': `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UNKNOWN
    inet 127.0.0.1/8 scope host lo
2: v1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP
    link/ether 02:00:00:00:01:01 brd ff:ff:ff:ff:ff:ff
    inet 10.1.1.1/24 scope global v1
3: v2@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP
    link/ether 02:00:00:00:02:01 brd ff:ff:ff:ff:ff:ff
    inet 10.1.2.1/24 scope global v2
4: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 state DOWN
    link/ether 02:00:00:00:03:01 brd ff:ff:ff:ff:ff:ff
    inet 10.96.0.10/32 scope global kube-ipvs0
`,
        'n/sysctl.txt': Object.entries({
          'net.ipv4.ip_forward': 1,
          'net.ipv4.vs.conntrack': 1,
          ...sysctl,
        })
          .map(([k, v]) => `${k} = ${v}\n`)
          .join(''),
        ...Object.fromEntries(
          [1, 2].flatMap(i => [
            [
              `n/netns/p${i}/ip-addr.txt`,
              `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UNKNOWN
    inet 127.0.0.1/8 scope host lo
2: eth0@if${i + 1}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP
    link/ether 02:00:00:00:0${i}:02 brd ff:ff:ff:ff:ff:ff
    inet 10.1.${i}.2/24 scope global eth0
`,
            ],
            [
              `n/netns/p${i}/ip-route.txt`,
              `default via 10.1.${i}.1 dev eth0\n10.1.${i}.0/24 dev eth0 proto kernel scope link src 10.1.${i}.2\n`,
            ],
            [`n/netns/p${i}/ss.txt`, 'tcp LISTEN 0 64 0.0.0.0:80 0.0.0.0:*\n'],
          ]),
        ),
        ...files,
      }),
    ),
  )
