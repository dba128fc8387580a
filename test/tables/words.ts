import { type ExtensionHeader, type Packet, TCP, type TcpFlagName } from '../../src/model/packet.js'
import { tcpFlagNames } from '../../src/skb/packet-summary.js'
import { type Family, ip } from '../../src/values/ip.js'
import { parseMac } from '../../src/values/mac.js'
import { hasPorts, isIcmp, parseProto, PROTO, protoName } from '../../src/values/proto.js'
import { SCTP_BODY } from './frame.js'

/** Who sends a packet, and to whom, where its words do not tell. */
export interface Defaults {
  readonly from: string
  readonly to: string
  readonly mac: string
  readonly dmac: string
}

const CHUNKS = [
  'DATA',
  'INIT',
  'INIT_ACK',
  'SACK',
  'HEARTBEAT',
  'HEARTBEAT_ACK',
  'ABORT',
  'SHUTDOWN',
  'SHUTDOWN_ACK',
  'ERROR',
  'COOKIE_ECHO',
  'COOKIE_ACK',
]
const DCCP = [
  'REQUEST',
  'RESPONSE',
  'DATA',
  'ACK',
  'DATAACK',
  'CLOSEREQ',
  'CLOSE',
  'RESET',
  'SYNC',
  'SYNCACK',
]
/** What a Linux client sends along: MSS, SACK permitted, timestamps, window scaling. */
const SYN_OPTIONS = [2, 4, 8, 1, 3]
const BROADCAST = 'ff:ff:ff:ff:ff:ff'

/**
 * A packet from its words: `tcp flags=SYN,ACK sport=80 dport=41000 ttl=1`. The README beside tells all of them.
 * @throws Error for a word that means nothing
 */
export function packetFrom(text: string, family: Family, defaults: Defaults): Packet {
  const [, outer = '', quoted] = /^([^[]*)(?:\[(.*)\])?$/.exec(text.trim())!
  const [name = '', ...list] = outer.trim().split(/\s+/)
  const proto = parseProto(name.replace('proto-', '')) ?? Number.NaN
  if (Number.isNaN(proto)) throw new Error(`"${name}" is no protocol`)
  const words = new Map(list.map(word => [word.split('=')[0]!, word.slice(word.indexOf('=') + 1)] as const))
  const used = new Set<string>()
  const take = (key: string): string | undefined => {
    used.add(key)
    return words.get(key)
  }
  const number = (key: string, other: number): number => Number(take(key) ?? other)
  const fragmentOffset = number('frag', 0)
  const data = take('data')?.replaceAll('_', ' ')
  const inner =
    quoted === undefined
      ? undefined
      : packetFrom(quoted, family, { ...defaults, from: defaults.to, to: defaults.from })
  const dmac = take('dmac')
  const packet: Packet = {
    family,
    src: ip(take('from') ?? defaults.from),
    dst: ip(take('to') ?? defaults.to),
    proto,
    ttl: number('ttl', 64),
    tos: number('tos', 0),
    id: number('ipid', 1),
    dontFragment: take('df') !== undefined,
    moreFragments: take('more') !== undefined,
    fragmentOffset,
    payload: number('len', data?.length ?? 0),
    // an unwritten payload is all zeros
    data: data ?? '\0',
    eth: {
      src: parseMac(take('mac') ?? defaults.mac)!,
      dst: parseMac(dmac === 'broadcast' ? BROADCAST : (dmac ?? defaults.dmac))!,
    },
    ...(family === 'ipv6' && words.has('ext') && { headers: take('ext')!.split(',').map(readExtension) }),
    ...(fragmentOffset === 0 && transport()),
    ...(inner && { inner }),
  }
  const unknown = [...words.keys()].find(key => !used.has(key) && key !== 'in')
  if (unknown !== undefined) throw new Error(`"${unknown}" means nothing in "${text}"`)
  return packet

  function transport(): Partial<Packet> {
    const ports = hasPorts(proto) ? { sport: number('sport', 41000), dport: number('dport', 80) } : {}
    switch (proto) {
      case PROTO.tcp: {
        const flags = (take('flags') ?? 'SYN').split(',').filter(f => f !== 'none')
        const tcpFlags = flags.reduce((bits, f) => bits | TCP[f as TcpFlagName], 0)
        const given = take('opts')
        const tcpOptions =
          given !== undefined
            ? given.split(',').filter(Boolean).map(Number)
            : tcpFlags & TCP.SYN
              ? SYN_OPTIONS
              : []
        return { ...ports, tcpFlags, tcpOptions, ...(tcpOptions.includes(2) && { mss: number('mss', 1460) }) }
      }
      case PROTO.icmp:
      case PROTO.icmpv6: {
        const [type = 0, code = 0] = (take('icmp') ?? (family === 'ipv6' ? '128/0' : '8/0'))
          .split('/')
          .map(Number)
        return {
          icmp: {
            type,
            code,
            ...(!inner && { id: number('id', 7) }),
            ...(words.has('mtu') && { mtu: number('mtu', 0) }),
          },
        }
      }
      case PROTO.sctp: {
        const sctpChunks = (take('chunks') ?? 'INIT').split(',').map(chunk => {
          const [type = '', flags = '0'] = chunk.split(':')
          return { type: CHUNKS.includes(type) ? CHUNKS.indexOf(type) : Number(type), flags: Number(flags) }
        })
        const payload = sctpChunks.reduce(
          (sum, { type }) => sum + 4 + (type === 1 || type === 2 ? 16 : SCTP_BODY),
          0,
        )
        return { ...ports, sctpChunks, payload }
      }
      case PROTO.dccp: {
        const [type = 'REQUEST', ...options] = (take('dccp') ?? 'REQUEST').split(',')
        return {
          ...ports,
          dccp: {
            type: DCCP.includes(type) ? DCCP.indexOf(type) : Number(type),
            options: options.map(Number),
          },
        }
      }
      case PROTO.mh:
        return { mhType: number('mh', 0) }
      default:
        return { ...ports, ...(words.has('spi') && { spi: number('spi', 0) }) }
    }
  }
}

/** `hbh:5/2+194/4`, `dst`, `rt:0/1/fd00::1+fd00::2` (type, segments left, addresses), `ah:7`. */
function readExtension(text: string): ExtensionHeader {
  const [, kind = '', rest = ''] = /^(\w+):?(.*)$/.exec(text) ?? []
  const parts = rest.split('/')
  if (kind === 'ah') return { kind, spi: Number(rest || 1) }
  if (kind === 'rt')
    return {
      kind,
      type: Number(parts[0] || 0),
      segmentsLeft: Number(parts[1] || 0),
      addresses: (parts[2] ?? '').split('+').filter(Boolean).map(ip),
    }
  if (kind !== 'hbh' && kind !== 'dst') throw new Error(`"${text}" is no extension header`)
  const options = rest
    .split('+')
    .filter(Boolean)
    .map(o => ({ type: Number(o.split('/')[0]), length: Number(o.split('/')[1] ?? 0) }))
  return { kind, options }
}

/** How a packet differs from the one that was sent; all of its words where it is of another protocol. */
export function difference(packet: Packet, sent: Packet, quoted = false): string {
  const same = packet.proto === sent.proto && packet.family === sent.family
  const before = new Map(same ? wordsOf(sent) : [])
  // of what an error quotes, only the beginning is there
  const told = (key: string) => !(quoted && key === 'len')
  const changed = [...wordsOf(packet)].filter(([key, value]) => told(key) && before.get(key) !== value)
  const gone = [...before.keys()]
    .filter(key => told(key) && !wordsOf(packet).has(key))
    .map(key => `no ${key}`)
  const inner = packet.inner
    ? [`[${difference(packet.inner, same && sent.inner ? sent.inner : sent, true) || 'as sent'}]`]
    : []
  const unchanged = same && sent.inner && inner[0] === '[as sent]'
  const words = changed.map(([key, value]) => (value === '' ? key : `${key}=${value}`))
  return [...(same ? [] : [protoName(packet.proto)]), ...words, ...gone, ...(unchanged ? [] : inner)].join(
    ' ',
  )
}

/** What both sides can tell of a packet, in words. Checksums and identifications are left out. */
function wordsOf(p: Packet): Map<string, string> {
  const words: [string, string | number | undefined | false][] = [
    ['from', p.src],
    ['to', p.dst],
    ['sport', p.sport],
    ['dport', p.dport],
    ['flags', p.tcpFlags === undefined ? undefined : tcpFlagNames(p.tcpFlags).replace('no flags', 'none')],
    ['opts', p.tcpOptions?.join(',') || undefined],
    ['mss', p.mss],
    ['icmp', p.icmp && isIcmp(p.proto) && `${p.icmp.type}/${p.icmp.code}`],
    ['id', p.icmp?.id],
    ['mtu', p.icmp?.mtu],
    ['chunks', p.sctpChunks?.map(c => CHUNKS[c.type] ?? c.type).join()],
    ['ttl', p.ttl],
    ['tos', p.tos === 0 ? undefined : `0x${p.tos.toString(16)}`],
    ['df', p.family === 'ipv4' && p.dontFragment && ''],
    ['more', p.moreFragments && ''],
    ['frag', p.fragmentOffset || undefined],
    ['len', p.payload || undefined],
  ]
  return new Map(
    words.flatMap(([key, value]) =>
      value === undefined || value === false ? [] : [[key, String(value)] as const],
    ),
  )
}
