import { expect, test } from 'vitest'
import { trace } from '../../src/talk/trace.js'
import { world } from './world.js'

const ADDRESSES = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UNKNOWN
    inet 127.0.0.1/8 scope host lo
2: v1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP
    link/ether 02:00:00:00:01:01 brd ff:ff:ff:ff:ff:ff
    inet 10.1.1.1/24 scope global v1
3: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 state UNKNOWN
    link/ether 02:00:00:00:04:01 brd ff:ff:ff:ff:ff:ff
    vxlan id 1 local 10.1.1.1 dev v1 srcport 0 0 dstport 8472 nolearning
    inet 10.244.1.0/32 scope global flannel.1
`
const via = (route: string) => ({
  'n/ip-addr.txt': ADDRESSES,
  'n/ip-route.txt': `10.1.1.0/24 dev v1 proto kernel scope link src 10.1.1.1\n10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink\n${route}`,
  'n/ip-neigh.txt': '10.244.2.0 dev flannel.1 lladdr 02:00:00:00:04:02 PERMANENT\n',
  'n/bridge-fdb.txt': '02:00:00:00:04:02 dev flannel.1 dst 10.1.1.2 self permanent\n',
})

/**
 * What carries a packet in a tunnel has its mark, and a Service by that mark finds it again: ip_vs_dr_xmit(), vxlan_xmit(),
 * ip_vs_dr_xmit() … The stack of Linux 6.1 was full before __dev_queue_xmit() counted to eight: it panicked.
 */
test('a tunnel wraps again and again what a Service by firewall mark sends into it', () => {
  const talk = trace(
    world({
      ...via(''),
      'n/ipvsadm-save.txt': '-A -f 113 -s rr\n-a -f 113 -r 10.244.2.1:0 -g -w 1\n',
      'n/iptables-save.txt':
        '*mangle\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -d 10.244.2.5/32 -j MARK --set-xmark 0x71/0xff\nCOMMIT\n',
      'n/ip-rule.txt': '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n',
    }),
    { src: 'n', dst: '10.244.2.5', dport: 53, proto: 'udp' },
  )
  expect(talk.outcome).toBe('unknown')
  expect(talk.because).toContain('again and again')
  expect(talk.packets.length).toBeLessThan(20)
})

test('a tunnel does not go through itself', () => {
  const talk = trace(world(via('10.1.1.2 dev flannel.1\n')), {
    src: 'n',
    dst: '10.244.2.5',
    dport: 53,
    proto: 'udp',
  })
  expect(talk.outcome).toBe('timeout')
  expect(talk.packets[0]!.events).toContainEqual(
    expect.objectContaining({ kind: 'dropped', reason: 'X_LOOP' }),
  )
})
