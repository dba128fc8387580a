import { describe, expect, test } from 'vitest'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { trace } from '../../src/talk/trace.js'
import { readEdits } from '../../src/whatif/read-edits.js'
import { undone, whatIf, whatIfAll } from '../../src/whatif/what-if.js'
import { withoutRule } from '../../src/whatif/without.js'

const files = new Map(
  Object.entries({
    'node/iptables-save.txt': `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:MINE - [0:0]
-A FORWARD -j MINE
-A MINE -p tcp -m tcp --dport 80 -j DROP
-A MINE -s 10.9.0.0/16 -m comment --comment "a word or two" -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 10.96.0.1/32 -j DNAT --to-destination 10.2.0.2
COMMIT
`,
    'node/ip-addr.txt': `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536
    inet 127.0.0.1/8 scope host lo
2: eth1@if2: <BROADCAST,UP,LOWER_UP> mtu 1500 link-netns a
    link/ether 02:00:00:00:01:01 brd ff:ff:ff:ff:ff:ff
    inet 10.1.0.1/24 scope global eth1
3: eth2@if2: <BROADCAST,UP,LOWER_UP> mtu 1500 link-netns b
    link/ether 02:00:00:00:02:01 brd ff:ff:ff:ff:ff:ff
    inet 10.2.0.1/24 scope global eth2
`,
    'node/sysctl.txt': 'net.ipv4.ip_forward = 1\n',
    'node/netns/a/ip-addr.txt': `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536
    inet 127.0.0.1/8 scope host lo
2: eth0@if2: <BROADCAST,UP,LOWER_UP> mtu 1500 link-netns node
    link/ether 02:00:00:00:01:02 brd ff:ff:ff:ff:ff:ff
    inet 10.1.0.2/24 scope global eth0
`,
    'node/netns/a/ip-route.txt':
      'default via 10.1.0.1 dev eth0\n10.1.0.0/24 dev eth0 scope link src 10.1.0.2\n',
    'node/netns/b/ip-addr.txt': `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536
    inet 127.0.0.1/8 scope host lo
2: eth0@if3: <BROADCAST,UP,LOWER_UP> mtu 1500 link-netns node
    link/ether 02:00:00:00:02:02 brd ff:ff:ff:ff:ff:ff
    inet 10.2.0.2/24 scope global eth0
`,
    'node/netns/b/ip-route.txt':
      'default via 10.2.0.1 dev eth0\n10.2.0.0/24 dev eth0 scope link src 10.2.0.2\n',
    'node/netns/b/ss.txt': 'tcp LISTEN 0 16 127.0.0.1:81 0.0.0.0:*\ntcp LISTEN 0 16 0.0.0.0:80 0.0.0.0:*\n',
    'node/ipvsadm.txt':
      'TCP  10.96.0.9:80 rr\n  -> 10.2.0.2:80                 Masq    1      0          0\n',
    'node/conntrack.txt':
      'tcp 6 100 ESTABLISHED src=10.1.0.2 dst=10.2.0.2 sport=5 dport=80 src=10.2.0.2 dst=10.1.0.2 sport=80 dport=5 [ASSURED] mark=0 use=1\n',
  }),
)
const snapshot = loadSnapshot(files)
const apply = (text: string) => whatIfAll(snapshot, readEdits(text, 'edits'))
const ask = (world: typeof snapshot, dport: number) => trace(world, { src: 'a', dst: 'b', dport }).outcome

describe('edits', () => {
  test.each([
    ['iptables -D MINE 1', 80, 'ok'],
    ['iptables -t filter -D MINE -p tcp --dport 80 -j DROP', 80, 'ok'],
    ['sudo iptables -I MINE -s 10.1.0.2 -j ACCEPT', 80, 'ok'],
    ['node: iptables -R MINE 1 -p tcp -m tcp --dport 99 -j DROP   # one port further', 80, 'ok'],
    ['*filter\n-I MINE 1 -j ACCEPT\nCOMMIT', 80, 'ok'],
    ['iptables-restore --noflush <<EOF\n*filter\n:MINE - [0:0]\nCOMMIT\nEOF', 80, 'ok'],
    ['iptables -F MINE\niptables -P FORWARD DROP', 80, 'timeout'],
    ['iptables -F MINE\nsysctl -w net.ipv4.ip_forward=0', 80, 'timeout'],
    ['iptables -F MINE\nip link set dev eth2 down', 80, 'net-unreachable'],
    ['iptables -F MINE\nip netns exec a ip route del default', 80, 'net-unreachable'],
    ['iptables -F MINE\nip route add blackhole 10.2.0.2', 80, 'timeout'],
    ['b: listen tcp 0.0.0.0:81 instead of 127.0.0.1:81', 81, 'ok'],
  ])('%s', (text, port, outcome) => {
    const before = JSON.stringify(snapshot)
    const tried = apply(text)
    expect(ask(tried.after, port)).toBe(outcome)
    expect(JSON.stringify(snapshot)).toBe(before)
    expect(undone(tried)).toEqual(snapshot)
  })

  test.each([
    'iptables -t nat -I PREROUTING 1 -p udp -j ACCEPT',
    'iptables -N NEW\niptables -A NEW -j RETURN\niptables -A FORWARD -j NEW',
    'iptables -D MINE 2',
    'iptables -P FORWARD DROP',
    'sysctl -w net.ipv4.conf.all.rp_filter=1',
    'ip route add 10.7.0.0/16 via 10.2.0.2',
    'ip route del 10.2.0.0/24',
    'ip rule add from 10.1.0.0/24 lookup 100 pref 900',
    'ip addr add 10.3.0.1/24 dev eth2',
    'ip link set dev eth2 down',
    'ipvsadm -a -t 10.96.0.9:80 -r 10.2.0.3:80 -m',
    'ipvsadm -d -t 10.96.0.9:80 -r 10.2.0.2:80',
    'ipvsadm -A -u 10.96.0.9:53 -s rr',
    'ip neigh add 10.2.0.9 lladdr 02:00:00:00:00:09 dev eth2',
    'b: unlisten tcp 0.0.0.0:80',
  ])('the printed way back brings an equal world: %s', text => {
    const tried = apply(text)
    expect(tried.after).not.toEqual(snapshot)
    const back = whatIfAll(tried.after, readEdits(tried.commands.undo.join('\n'), 'undo')).after
    const plain = (world: typeof snapshot) =>
      JSON.parse(
        JSON.stringify(world, (key, value) =>
          key === 'line' || key === 'text' || key === 'counters' ? undefined : value,
        ),
      )
    const sorted = (world: ReturnType<typeof plain>) => {
      for (const netns of world.nodes[0].namespaces) {
        for (const list of ['routes', 'neighbours', 'listeners'])
          netns[list].sort((a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      }
      return world
    }
    if (!/sysctl|ip route del/.test(text)) expect(sorted(plain(back))).toEqual(sorted(plain(snapshot)))
    expect(undone(tried)).toEqual(snapshot)
  })

  test('what is not touched stays the same object', () => {
    const { after } = apply('iptables -I MINE -j ACCEPT')
    const [old, now] = [snapshot, after].map(s => s.nodes[0]!.namespaces[0]!)
    expect(now!.rulesets[0]!.tables[1]).toBe(old!.rulesets[0]!.tables[1])
    expect(now!.rulesets[0]!.tables[0]).not.toBe(old!.rulesets[0]!.tables[0])
    expect(now!.routes).toBe(old!.routes)
    expect(after.nodes[0]!.namespaces[1]).toBe(snapshot.nodes[0]!.namespaces[1])
    expect(() => {
      ;(now!.rulesets[0]!.tables[0]!.chains as unknown[]).push(1)
    }).toThrow()
  })

  test('a rule is taken away by its name or its text', () => {
    for (const name of ['filter:MINE:1', 'node:filter:MINE:1', '--dport 80 -j DROP']) {
      const [edit] = withoutRule(snapshot, name)
      const tried = whatIf(snapshot, edit!)
      expect(ask(tried.after, 80)).toBe('ok')
      expect(tried.commands).toEqual({
        apply: ['iptables -t filter -D MINE -p tcp -m tcp --dport 80 -j DROP'],
        undo: ['iptables -t filter -I MINE 1 -p tcp -m tcp --dport 80 -j DROP'],
      })
    }
  })

  test.each([
    ['iptables -I NOWHERE -j ACCEPT', 'edits:1:1'],
    ['\n# a word\niptables -A FORWARD -p tcp --dport eighty -j DROP', 'edits:3'],
    ['iptables -t nothing -F', 'edits:1'],
    ['ip route add 10.7.0.0/16 dev eth9', 'edits:1'],
    ['rm -rf /', 'edits:1'],
    ['nowhere: iptables -F MINE', 'edits:1'],
    ['iptables -A FORWARD -m comment --comment "open', 'edits:1'],
    ['*filter\n-F MINE', 'edits:1'],
    ['__proto__: sysctl -w net.ipv4.ip_forward=0', 'edits:1'],
    ['ipvsadm -a -t 1.2.3.4:80 -r x', 'edits:1'],
    ['', 'edits'],
  ])('a mistake is told with its place: %s', (text, place) => {
    try {
      apply(text)
    } catch (error) {
      const [first] = (error as { problems: { file: string; line: number; column: number }[] }).problems
      expect(first!.line === 0 ? first!.file : `${first!.file}:${first!.line}:${first!.column}`).toContain(
        place,
      )
      return
    }
    expect.unreachable()
  })
})
