import { type Packet, TCP } from '../../src/model/packet.js'
import type { Conversation } from '../../src/talk/conversation.js'
import type { EventBody, PacketDirection, PacketTrace, TraceEvent } from '../../src/trace/events.js'
import { ip } from '../../src/values/ip.js'

type Told = EventBody & { readonly netns: string }

/** The client's first packet. */
const syn: Packet = {
  family: 'ipv4',
  src: ip('192.168.0.236'),
  dst: ip('192.168.134.205'),
  proto: 6,
  sport: 41000,
  dport: 3306,
  tcpFlags: TCP.SYN,
  ttl: 64,
  tos: 0,
  id: 1,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
  payload: 0,
}

let seq = 0
const lived = (
  direction: PacketDirection,
  summary: string,
  bornAt: number,
  told: readonly Told[],
): Omit<PacketTrace, 'index'> => ({
  direction,
  summary,
  bornAt,
  events: told.map(event => ({ seq: seq++, at: bornAt, ...event }) as TraceEvent),
})

const rule = (
  table: string,
  chain: string,
  number: number,
  verdict: 'JUMP' | 'ACCEPT' | 'CONTINUE',
  text: string,
  jump?: string,
) =>
  ({
    netns: 'n1',
    kind: 'rule',
    hook: 'PREROUTING',
    table,
    chain,
    number,
    verdict,
    text: `-A ${chain} ${text}`,
    file: 'n1/iptables-save.txt',
    line: 80,
    packet: 'tcp',
    ...(jump && { jump }),
  }) as const

const request = (first: boolean): readonly Told[] => {
  const packet = 'tcp 192.168.0.236:41000 > 192.168.134.205:3306 SYN'
  return [
    { netns: 'busybox', kind: 'hop', packet, born: 'the client program connects' },
    {
      netns: 'busybox',
      kind: 'route',
      to: '192.168.134.205',
      result: 'unicast',
      dev: 'eth0',
      via: '192.168.0.1',
      because: 'default via 192.168.0.1 dev eth0 is the best of 3 routes',
    },
    { netns: 'busybox', kind: 'transmit', iface: 'eth0', packet, to: 'veth71aa04df in n1' },
    { netns: 'n1', kind: 'hop', packet, iface: 'veth71aa04df' },
    {
      netns: 'n1',
      kind: 'bridge',
      bridge: 'cni0',
      action: 'up',
      port: 'veth71aa04df',
      because: 'the frame is for the bridge itself',
    },
    { netns: 'n1', kind: 'hook', hook: 'PREROUTING', in: 'cni0', bridged: false },
    {
      netns: 'n1',
      kind: 'conntrack',
      action: first ? 'new' : 'original',
      id: 1,
      because: first ? 'no entry has this tuple' : 'the entry of the first SYN',
    },
    ...(first
      ? [
          {
            netns: 'n1',
            kind: 'tried',
            hook: 'PREROUTING',
            table: 'nat',
            chain: 'KUBE-SERVICES',
            number: 1,
            text: '-A KUBE-SERVICES -d 192.168.128.1/32',
            because: 'destination 192.168.134.205 is not in 192.168.128.1/32',
          } as const,
          rule(
            'nat',
            'PREROUTING',
            1,
            'JUMP',
            '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
            'KUBE-SERVICES',
          ),
          rule(
            'nat',
            'KUBE-SERVICES',
            5,
            'JUMP',
            '-d 192.168.134.205/32 -p tcp -m comment --comment "apollo/apollo-db:mysql cluster IP" -m tcp --dport 3306 -j KUBE-SVC-SUFJBXTINOUNHVZG',
            'KUBE-SVC-SUFJBXTINOUNHVZG',
          ),
          rule(
            'nat',
            'KUBE-SVC-SUFJBXTINOUNHVZG',
            2,
            'JUMP',
            '-j KUBE-SEP-ZTI3HAAOHLJY4P22',
            'KUBE-SEP-ZTI3HAAOHLJY4P22',
          ),
          rule(
            'nat',
            'KUBE-SEP-ZTI3HAAOHLJY4P22',
            2,
            'ACCEPT',
            '-p tcp -m comment --comment "apollo/apollo-db:mysql" -m tcp -j DNAT --to-destination 192.168.0.233:3306',
          ),
          {
            netns: 'n1',
            kind: 'nat',
            manip: 'dst',
            from: '192.168.134.205:3306',
            to: '192.168.0.233:3306',
            nullBinding: false,
            id: 1,
            because: 'DNAT asks for it',
          } as const,
        ]
      : [
          {
            netns: 'n1',
            kind: 'table-skipped',
            hook: 'PREROUTING',
            table: 'nat',
            because: 'the connection is bound already',
          } as const,
        ]),
    { netns: 'n1', kind: 'rewrite', field: 'dst', from: '192.168.134.205', to: '192.168.0.233', by: 'DNAT' },
    {
      netns: 'n1',
      kind: 'route',
      to: '192.168.0.233',
      result: 'unicast',
      dev: 'cni0',
      because: '192.168.0.0/24 dev cni0',
    },
    { netns: 'n1', kind: 'hook', hook: 'FORWARD', in: 'cni0', out: 'cni0', bridged: false },
    {
      ...rule(
        'filter',
        'FORWARD',
        5,
        'JUMP',
        '-m comment --comment "flanneld forward" -j FLANNEL-FWD',
        'FLANNEL-FWD',
      ),
      hook: 'FORWARD',
    },
    {
      ...rule(
        'filter',
        'FLANNEL-FWD',
        1,
        'ACCEPT',
        '-s 192.168.0.0/17 -m comment --comment "flanneld forward" -j ACCEPT',
      ),
      hook: 'FORWARD',
    },
    { netns: 'n1', kind: 'transmit', iface: 'veth5d9e7a40', packet },
    { netns: 'apollo-db-0', kind: 'hop', packet, iface: 'eth0' },
    { netns: 'apollo-db-0', kind: 'delivered', to: '0.0.0.0:3306', because: 'a listener takes it' },
  ]
}

const answer: readonly Told[] = [
  { netns: 'apollo-db-0', kind: 'hop', packet: 'SYN,ACK', born: 'the listener answers' },
  { netns: 'apollo-db-0', kind: 'transmit', iface: 'eth0', packet: 'SYN,ACK' },
  { netns: 'n1', kind: 'hop', packet: 'SYN,ACK', iface: 'veth5d9e7a40' },
  {
    netns: 'n1',
    kind: 'hook-skipped',
    hook: 'PREROUTING',
    because: 'br_netfilter is not loaded, so bridged frames pass no iptables hook',
  },
  {
    netns: 'n1',
    kind: 'bridge',
    bridge: 'cni0',
    action: 'forward',
    port: 'veth71aa04df',
    because: 'fdb: 0e:7e:55:5e:43:82 is behind veth71aa04df',
  },
  { netns: 'busybox', kind: 'hop', packet: 'SYN,ACK', iface: 'eth0' },
  { netns: 'busybox', kind: 'makes', packet: 'RST', because: 'no socket talks to 192.168.0.233:3306' },
  { netns: 'busybox', kind: 'dropped', reason: 'NO_SOCKET', because: 'no socket expects 192.168.0.233:3306' },
]

/** Story 2 as a conversation, written by hand: what the renderers are tried on. */
export function fixture(): Conversation {
  seq = 0
  const asked = { src: 'pod', dst: 'svc' }
  const out = 'tcp 192.168.0.236:41000 > 192.168.134.205:3306 SYN'
  const back = 'tcp 192.168.0.233:3306 > 192.168.0.236:41000 SYN,ACK'
  return {
    flow: { asked, netns: 'busybox', dst: ip('192.168.134.205'), proto: 'tcp', sport: 41000, dport: 3306 },
    outcome: 'timeout',
    because: 'the reply comes from 192.168.0.233:3306, and the client waits for 192.168.134.205:3306',
    seenByServer: null,
    packets: [
      lived('original', out, 0, request(true)),
      lived('reply', back, 0, answer),
      lived('original', out, 1, request(false)),
      lived('reply', back, 1, answer),
    ].map((packet, index) => ({ ...packet, index })),
    conntrack: {
      n1: [
        'tcp      6 119 SYN_SENT src=192.168.0.236 dst=192.168.134.205 sport=41000 dport=3306 [UNREPLIED] src=192.168.0.233 dst=192.168.0.236 sport=3306 dport=41000 mark=0 use=1',
      ],
    },
    ipvs: {},
    captures: [
      {
        at: 0,
        netns: 'busybox',
        iface: 'eth0',
        dir: 'Out',
        packet: 0,
        wire: syn,
      },
      {
        at: 3661.000001,
        netns: 'n1',
        iface: 'veth71aa04df',
        dir: 'In',
        packet: 0,
        wire: syn,
      },
    ],
    findings: [
      {
        id: 'reply-bypasses-conntrack',
        severity: 'error',
        says: 'replies cross n1 at layer 2 and keep the address of the backend',
        where: { node: 'n1', netns: 'n1', kind: 'module', detail: 'br_netfilter', file: 'n1/lsmod.txt' },
        evidence: [9, 21],
        see: 'lsmod | grep br_netfilter',
        cure: {
          title: 'load br_netfilter',
          commands: ['modprobe br_netfilter'],
          undo: ['rmmod br_netfilter'],
          verified: true,
        },
      },
    ],
    assumptions: ['busybox: no rules were dumped, so none are there'],
    choices: [{ at: 'n1 nat KUBE-SVC-X 2', options: 2, taken: 0 }],
  }
}
