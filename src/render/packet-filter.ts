import type { Packet } from '../model/packet.js'
import { type Ip, parseIp } from '../values/ip.js'
import { contains, parsePrefix } from '../values/prefix.js'
import { hasPorts, PROTO, parseProto } from '../values/proto.js'

/** Which packets a capture shows. */
export type PacketFilter = (packet: Packet) => boolean

/** A filter expression that can't be used, with the column of the word in question. */
export class BadFilter extends Error {
  override readonly name = 'BadFilter'
  constructor(
    readonly column: number,
    message: string,
  ) {
    super(message)
  }
}

interface Word {
  readonly text: string
  readonly column: number
}
type Side = 'src' | 'dst'
type Kind = 'host' | 'net' | 'port' | 'portrange'
/** What stands before an address or port, and is taken over by the next one that has nothing before it. */
interface Qualifiers {
  readonly only: PacketFilter
  readonly sides: readonly Side[]
  readonly all: boolean
  readonly kind: Kind
}

const DEEPEST = 50
const always: PacketFilter = () => true
const ofProto =
  (...protos: readonly number[]): PacketFilter =>
  p =>
    protos.includes(p.proto)

const PROTOCOLS: ReadonlyMap<string, PacketFilter> = new Map([
  ['ip', p => p.family === 'ipv4'],
  ['ip6', p => p.family === 'ipv6'],
  ['tcp', ofProto(PROTO.tcp)],
  ['udp', ofProto(PROTO.udp)],
  ['sctp', ofProto(PROTO.sctp)],
  ['icmp', ofProto(PROTO.icmp)],
  ['icmp6', ofProto(PROTO.icmpv6)],
])
const KINDS: readonly string[] = ['host', 'net', 'port', 'portrange']

/**
 * A small part of pcap-filter(7), as tcpdump takes it: host, net, port, portrange, each with src or dst and a
 * protocol before it; ip, ip6, tcp, udp, sctp, icmp, icmp6, `proto N`; not, and, or (of equal rank, as there),
 * brackets. As there, it looks at the outer header only, and a value alone takes over what stood before the last
 * one. @throws BadFilter
 */
export function parsePacketFilter(text: string): PacketFilter {
  const words = [...text.matchAll(/[()!]|&&|\|\||[^\s()!&|]+|\S/g)].map(
    (m): Word => ({ text: m[0], column: m.index + 1 }),
  )
  let at = 0
  let depth = 0
  let last: Qualifiers | undefined
  const peek = () => words[at]?.text
  const bad = (message: string): never => {
    throw new BadFilter(words[at]?.column ?? text.length + 1, message)
  }
  const skip = (...texts: readonly string[]): boolean => {
    if (!texts.includes(peek() ?? '')) return false
    at++
    return true
  }

  function expression(): PacketFilter {
    let left = negation()
    for (;;) {
      const before = left
      if (skip('and', '&&')) {
        const right = negation()
        left = p => before(p) && right(p)
      } else if (skip('or', '||')) {
        const right = negation()
        left = p => before(p) || right(p)
      } else return left
    }
  }

  function negation(): PacketFilter {
    if (++depth > DEEPEST) bad('too many brackets or `not` in one another')
    let found: PacketFilter
    if (skip('not', '!')) {
      const inner = negation()
      found = p => !inner(p)
    } else if (skip('(')) {
      found = expression()
      if (!skip(')')) bad('a closing bracket is missing')
    } else found = primitive()
    depth--
    return found
  }

  function primitive(): PacketFilter {
    const name = peek()
    if (name === undefined) bad('the expression ends too early')
    if (skip('proto')) return protoNumber()
    const only = PROTOCOLS.get(name ?? '')
    if (only) at++
    const sides = direction()
    const kind = KINDS.includes(peek() ?? '') ? (words[at++]!.text as Kind) : undefined
    if (kind === undefined && sides === undefined && only) return only
    if (kind === undefined && sides === undefined && !last) bad(NOT_UNDERSTOOD(name ?? ''))
    const chosen: Qualifiers =
      kind === undefined && sides === undefined && last
        ? last
        : {
            only: only ?? always,
            sides: sides?.sides ?? ['src', 'dst'],
            all: sides?.all ?? false,
            kind: kind ?? 'host',
          }
    last = chosen
    return withValue(chosen)
  }

  function direction(): { sides: Side[]; all: boolean } | undefined {
    const first = peek()
    if (first !== 'src' && first !== 'dst') return undefined
    at++
    const [word, second] = [peek(), words[at + 1]?.text]
    const both = (word === 'or' || word === 'and') && second === (first === 'src' ? 'dst' : 'src')
    if (!both) return { sides: [first], all: false }
    at += 2
    return { sides: ['src', 'dst'], all: word === 'and' }
  }

  function protoNumber(): PacketFilter {
    const n = parseProto((peek() ?? '').replace(/^\\/, ''))
    if (n === undefined) bad('expected a protocol, as tcp or 6')
    at++
    return p => p.proto === n
  }

  function withValue({ only, sides, all, kind }: Qualifiers): PacketFilter {
    const text = peek() ?? ''
    const fits = kind === 'host' || kind === 'net' ? addressTest(kind, text, bad) : portTest(kind, text, bad)
    at++
    const seen = (p: Packet, side: Side): boolean => fits(p, side)
    return p => only(p) && (all ? sides.every(side => seen(p, side)) : sides.some(side => seen(p, side)))
  }

  if (words.length === 0) return always
  const filter = expression()
  if (at < words.length) bad(`expected \`and\`, \`or\` or the end, not ${peek()?.slice(0, 40)}`)
  return filter
}

const NOT_UNDERSTOOD = (word: string): string =>
  `${word.slice(0, 40)}: not understood; expected host, net, port, portrange (with src or dst before it), ip, ip6, tcp, udp, sctp, icmp, icmp6, proto, not, or a bracket`

type Test = (packet: Packet, side: Side) => boolean

function addressTest(kind: 'host' | 'net', text: string, bad: (message: string) => never): Test {
  const host = parseIp(text)
  if (kind === 'host' || host) {
    if (!host) return bad(`expected an address in numbers, not ${text.slice(0, 60) || 'the end'}`)
    return (p, side) => p[side] === host
  }
  const prefix = parsePrefix(text)
  if (!prefix) return bad(`expected a network such as 10.0.0.0/8, not ${text.slice(0, 60) || 'the end'}`)
  return (p, side) => contains(prefix, p[side] as Ip)
}

function portTest(kind: 'port' | 'portrange', text: string, bad: (message: string) => never): Test {
  const ends = (kind === 'port' ? /^(\d{1,5})$/ : /^(\d{1,5})-(\d{1,5})$/).exec(text)
  const low = Number(ends?.[1])
  const high = Number(ends?.[2] ?? ends?.[1])
  if (!ends || low > 65535 || high > 65535)
    return bad(
      `expected ${kind === 'port' ? 'a port in numbers' : 'a range of ports such as 8000-8080'}, not ${text.slice(0, 40) || 'the end'}`,
    )
  return (p, side) => {
    const port = side === 'src' ? p.sport : p.dport
    return hasPorts(p.proto) && p.fragmentOffset === 0 && port !== undefined && port >= low && port <= high
  }
}
