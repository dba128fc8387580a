import type { ConntrackEntry, CtInfo } from '../../../src/conntrack/entry.js'
import { invert, type Tuple } from '../../../src/conntrack/tuple.js'
import type { IpSet } from '../../../src/model/ipset.js'
import { type Packet, TCP, type TcpFlagName } from '../../../src/model/packet.js'
import type { Rule } from '../../../src/model/ruleset.js'
import type { Netns } from '../../../src/model/snapshot.js'
import type { Hook } from '../../../src/netfilter/hook.js'
import { SocketTable } from '../../../src/run/sockets.js'
import { Space } from '../../../src/world/space.js'
import type { Skb } from '../../../src/skb/skb.js'
import { type Family, ip } from '../../../src/values/ip.js'
import { parseMac } from '../../../src/values/mac.js'
import { parseProto } from '../../../src/values/proto.js'
import type { RuleEnv } from '../../../src/xtables/extension.js'
import { memory } from '../targets/env.js'

/**
 * What a packet shows, in words: `udp from=10.0.0.1 to=10.0.0.2 sport=1 dport=53 mark=0x1`. Others: `flags=SYN,ACK`
 * `icmp=8/0` `ttl=` `tos=` `len=` (payload) `frag=1480` `mac=` `type=broadcast` `in=` `out=` `physin=` `physout=`
 * `routed` (br_netfilter has it, no port to go out) `state=NEW` (with `reply=10.0.0.9` `ctmark=` `snat` `dnat`
 * `seen` `assured` `helper=`) `untracked` `uid=` `at=2026-11-20T13:00` `data=text` `sysctl=name:value` `local=10.0.0.2` `set=name:hash_ip:element+element!` `listen=80`
 */
type Words = ReadonlyMap<string, string>

const words = (text: string): Words =>
  new Map(
    text
      .split(' ')
      .filter(Boolean)
      .map(w => [w.split('=')[0]!, w.includes('=') ? w.slice(w.indexOf('=') + 1) : '']),
  )

function packetOf(has: Words, family: Family): Packet {
  const proto =
    ['udp', 'icmp', 'icmpv6', 'sctp', 'esp', 'gre', 'ah', 'dccp', 'mh'].find(p => has.has(p)) ?? 'tcp'
  const ports = ['tcp', 'udp', 'sctp', 'dccp'].includes(proto)
  const number = (name: string, other: number) => Number(has.get(name) ?? other)
  const [type, code] = (has.get('icmp-type') ?? '8/0').split('/').map(Number)
  const mac = has.get('mac')
  return {
    family,
    src: ip(has.get('from') ?? (family === 'ipv4' ? '10.0.0.1' : 'fd00::1')),
    dst: ip(has.get('to') ?? (family === 'ipv4' ? '10.0.0.2' : 'fd00::2')),
    proto: parseProto(proto)!,
    ...(ports && { sport: number('sport', 41000), dport: number('dport', 80) }),
    ...(proto === 'tcp' && {
      tcpFlags: (has.get('flags') ?? 'SYN')
        .split(',')
        .filter(Boolean)
        .reduce((bits, f) => bits | TCP[f as TcpFlagName], 0),
    }),
    ...(proto.startsWith('icmp') && { icmp: { type: type!, code: code!, id: 1 } }),
    ttl: number('ttl', 64),
    tos: number('tos', 0),
    id: 1,
    dontFragment: false,
    moreFragments: has.has('more'),
    fragmentOffset: number('frag', 0),
    payload: number('len', has.get('data')?.length ?? 0),
    ...(has.has('data') && { data: has.get('data')! }),
    ...(mac !== undefined && { eth: { src: parseMac(mac)!, dst: parseMac('02:00:00:00:00:02')! } }),
  }
}

export function entryOf(has: Words, packet: Packet): ConntrackEntry {
  const original: Tuple = {
    proto: packet.proto,
    src: { address: packet.src, port: packet.sport ?? 0 },
    dst: { address: packet.dst, port: packet.dport ?? 0 },
  }
  const plain = invert(original)
  const backend = has.get('reply')
  return {
    id: 1,
    original,
    reply: backend === undefined ? plain : { ...plain, src: { address: ip(backend), port: 8080 } },
    zone: 0,
    confirmed: has.has('confirmed'),
    seenReply: has.has('seen'),
    assured: has.has('assured'),
    srcNat: has.has('snat'),
    dstNat: has.has('dnat'),
    srcNatDone: true,
    dstNatDone: true,
    dying: false,
    closing: false,
    mark: Number(has.get('ctmark') ?? 0),
    expires: 120,
    packets: { original: 3, reply: 2 },
    bytes: { original: 300, reply: 200 },
  }
}

function skbOf(has: Words, packet: Packet): Skb {
  const state = has.get('state')
  const helper = has.get('helper')
  const entry = entryOf(has, packet)
  const bridged = ['physin', 'physout', 'routed'].some(w => has.has(w))
  const [physIn, physOut, uid] = [has.get('physin'), has.get('physout'), has.get('uid')]
  return {
    packet,
    mark: Number(has.get('mark') ?? 0),
    priority: 0,
    pktType: (has.get('type') ?? 'host') as Skb['pktType'],
    ...(has.has('untracked') && { ct: { kind: 'untracked' } }),
    ...(state !== undefined && {
      ct: {
        kind: 'tracked',
        info: state as CtInfo,
        entry: helper === undefined ? entry : { ...entry, master: { ...entry, helper } },
      },
    }),
    ...(bridged && {
      bridgeNf: {
        ...(physIn !== undefined && { physIn }),
        ...(physOut !== undefined && { physOut }),
        inPrerouting: false,
        sabotaged: false,
        bridge: 'br0',
      },
    }),
    ...(uid !== undefined && { owner: { uid: Number(uid), gid: Number(uid) } }),
    ...(has.has('ipvs') && { ipvsProperty: true }),
    ...(has.has('in') && { dev: has.get('in')!, inDev: has.get('in')! }),
  }
}

export function setOf(text: string): IpSet {
  const [name, type, elements = ''] = text.split(':').map(part => part.replaceAll('_', ':'))
  return {
    name: name!,
    type: type!.replace(':', ':'),
    family: elements.includes('::') ? 'inet6' : 'inet',
    options: {},
    entries: elements
      .split('+')
      .filter(Boolean)
      .map(e => ({ element: e.replace('!', ''), nomatch: e.endsWith('!'), options: {} })),
    line: 1,
  }
}

export function world(
  text: string,
  {
    table,
    chain,
    family,
    rule,
    remembers,
  }: { table: string; chain: string; family: Family; rule: Rule; remembers?: RuleEnv['memory'] },
): RuleEnv {
  const has = words(text)
  const packet = packetOf(has, family)
  const skb = skbOf(has, packet)
  const local = has.get('local')
  const sysctl = has.get('sysctl')?.split(':')
  const listens = has.get('listen')
  const netns: Netns = {
    name: 'node',
    folder: 'node',
    node: 'node',
    isHost: true,
    ifaces: [],
    routes: [],
    rules: [],
    neighbours: [],
    fdb: [],
    sysctl: sysctl ? { [sysctl[0]!]: sysctl[1]! } : {},
    rulesets: [],
    sets: has.has('set') ? has.get('set')!.split('&').map(setOf) : [],
    listeners:
      listens === undefined
        ? []
        : [{ proto: 'tcp', port: Number(listens), families: [family], text: `LISTEN *:${listens}` }],
    conntrack: [],
    files: {},
  }
  return {
    skb,
    hook: chain as Hook,
    table,
    family,
    backend: 'legacy',
    ...(has.has('in') && { in: has.get('in')! }),
    ...(has.has('out') && { out: has.get('out')! }),
    netns,
    rule,
    memory: remembers ?? memory(),
    ...(has.has('at') && { clock: Date.parse(`${has.get('at')}Z`) / 1000 }),
    now: Number(has.get('now') ?? 0),
    choose: () => Number(has.get('choose') ?? 0),
    addressTypes: address => [
      address === local ? 'local' : address.startsWith('224.') ? 'multicast' : 'unicast',
    ],
    ...(has.has('vaddr') && {
      ipvsConnection: () => ({ vaddr: ip(has.get('vaddr')!), vport: 80, method: 'Masq' as const }),
    }),
    socketAt: ends => new SocketTable(Space.of(netns)).at(ends, has.get('in')),
    addressesOf: () => [],
    realms: () => 0,
    reversePathOk: () => !has.has('spoofed'),
  }
}
