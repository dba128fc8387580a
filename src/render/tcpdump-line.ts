import { type Packet, TCP } from '../model/packet.js'
import { quotesPacket } from '../skb/icmp-names.js'
import { packetLength } from '../skb/packet-summary.js'
import { PROTO, protoLabel } from '../values/proto.js'

/**
 * A packet as `tcpdump -n` 4.99 words it. A stable part of its wording: TCP without options, sequence numbers
 * relative as tcpdump makes them after a SYN, the windows that Linux opens with; no decoding of what programs
 * say (a DNS query is `UDP, length`); VXLAN by that name on any port; a packet inside another one stands behind
 * it in the same line.
 */
export const tcpdumpLine = (packet: Packet): string => line(packet, 0)

const DEEPEST = 4

function line(p: Packet, depth: number): string {
  const ip = p.family === 'ipv4' ? 'IP' : 'IP6'
  const inner = p.inner && (depth >= DEEPEST ? '…' : line(p.inner, depth + 1))
  if (p.fragmentOffset > 0) return `${ip} ${p.src} > ${p.dst}: ip-proto-${p.proto}`
  const ports = p.sport !== undefined && p.dport !== undefined
  const ends = ports ? `${p.src}.${p.sport} > ${p.dst}.${p.dport}` : `${p.src} > ${p.dst}`
  return `${ip} ${ends}: ${body(p, inner)}`
}

function body(p: Packet, inner: string | undefined): string {
  if (p.vni !== undefined) return `VXLAN, flags [I] (0x08), vni ${p.vni}${inner ? `: ${inner}` : ''}`
  switch (p.proto) {
    case PROTO.tcp:
      return tcp(p)
    case PROTO.udp:
      return `UDP, length ${p.payload}`
    case PROTO.sctp:
      return 'sctp'
    case PROTO.icmp:
      return p.icmp ? icmp4(p, p.icmp) : 'ICMP'
    case PROTO.icmpv6:
      return p.icmp ? icmp6(p, p.icmp) : 'ICMP6'
    case PROTO.ipip:
    case PROTO.ipv6:
      if (inner !== undefined) return inner
  }
  // tcpdump puts a second space before it
  return ` ip-proto-${p.proto} ${p.payload}`
}

/** The order in which tcpdump prints the letters. */
const LETTERS = [
  ['FIN', 'F'],
  ['SYN', 'S'],
  ['RST', 'R'],
  ['PSH', 'P'],
  ['ACK', '.'],
  ['URG', 'U'],
  ['ECE', 'E'],
  ['CWR', 'W'],
] as const

function tcp(p: Packet): string {
  const flags = p.tcpFlags ?? 0
  const letters = LETTERS.map(([name, letter]) => (flags & TCP[name] ? letter : '')).join('') || 'none'
  const syn = (flags & TCP.SYN) !== 0
  const rst = (flags & TCP.RST) !== 0
  const ack = (flags & TCP.ACK) !== 0
  const first = syn || rst ? 0 : 1
  const seq =
    p.payload > 0
      ? `seq ${first}:${first + p.payload}, `
      : flags & (TCP.SYN | TCP.FIN | TCP.RST)
        ? `seq ${first}, `
        : ''
  // the windows of an untuned Linux on Ethernet: 64240 in a SYN, 65160 in its answer, 502 << 7 later
  const win = rst ? 0 : syn ? (ack ? 65160 : 64240) : 502
  const urgent = flags & TCP.URG ? 'urg 0, ' : ''
  return `Flags [${letters}], ${seq}${ack ? 'ack 1, ' : ''}win ${win}, ${urgent}length ${p.payload}`
}

type Icmp = NonNullable<Packet['icmp']>

const ipHeader = (p: Packet): number => (p.family === 'ipv4' ? 20 : 40)

function icmp4(p: Packet, { type, code, id, gateway }: Icmp): string {
  return `ICMP ${words4(p, type, code, id ?? 0, gateway)}, length ${packetLength(p) - ipHeader(p)}`
}

function words4(p: Packet, type: number, code: number, id: number, gateway: string | undefined): string {
  const to = p.inner?.dst ?? '0.0.0.0'
  switch (type) {
    case 0:
      return `echo reply, id ${id}, seq 1`
    case 8:
      return `echo request, id ${id}, seq 1`
    case 3:
      return unreachable4(p, to, code)
    case 4:
      return 'source quench'
    case 5:
      return `${code > 1 ? 'redirect-tos' : 'redirect'} ${to} to ${code & 1 ? 'host' : 'net'} ${gateway ?? '0.0.0.0'}`
    case 11:
      return code === 0 ? 'time exceeded in-transit' : 'ip reassembly time exceeded'
    case 12:
      return 'parameter problem - octet 0'
    case 13:
      return `time stamp query id ${id} seq 1`
    case 17:
      return 'address mask request'
    default:
      return `type-#${type}`
  }
}

function unreachable4(p: Packet, to: string, code: number): string {
  switch (code) {
    case 0:
      return `net ${to} unreachable`
    case 1:
      return `host ${to} unreachable`
    case 2:
      return `${to} protocol ${p.inner?.proto ?? 0} unreachable`
    case 3:
      return `${to} ${portOf(p)} unreachable`
    case 4:
      return `${to} unreachable - need to frag`
    case 5:
      return `${to} unreachable - source route failed`
    case 9:
      return `net ${to} unreachable - admin prohibited`
    case 10:
      return `host ${to} unreachable - admin prohibited`
    case 13:
      return `host ${to} unreachable - admin prohibited filter`
    default:
      return `${to} unreachable - #${code}`
  }
}

/** `udp port 53` of the quoted packet; protocols beside TCP and UDP by number. */
function portOf({ inner }: Packet): string {
  const proto = inner?.proto ?? 0
  const name = proto === PROTO.tcp || proto === PROTO.udp ? protoLabel(proto) : `protocol ${proto}`
  return `${name} port ${inner?.dport ?? 0}`
}

function icmp6(p: Packet, { type, code, id }: Icmp): string {
  const to = p.inner?.dst ?? '::'
  return `ICMP6, ${words6(p, type, code, id ?? 0, to)}, length ${packetLength(p) - ipHeader(p)}`
}

function words6(p: Packet, type: number, code: number, id: number, to: string): string {
  switch (type) {
    case 1:
      return `destination unreachable, ${unreachable6(p, code, to)}`
    case 2:
      return 'packet too big'
    case 3:
      return code === 0 ? `time exceeded in-transit for ${to}` : 'time exceeded in-transit (reassembly)'
    case 4:
      return 'parameter problem'
    case 128:
      return `echo request, id ${id}, seq 1`
    case 129:
      return `echo reply, id ${id}, seq 1`
    case 133:
      return 'router solicitation'
    case 134:
      return 'router advertisement'
    case 135:
      return `neighbor solicitation, who has ${p.icmp?.target ?? to}`
    case 136:
      return `neighbor advertisement, tgt is ${p.icmp?.target ?? to}`
    default:
      return quotesPacket('ipv6', type) ? `type-#${type} error` : `type-#${type}`
  }
}

function unreachable6(p: Packet, code: number, to: string): string {
  switch (code) {
    case 0:
      return `unreachable route ${to}`
    case 1:
      return ` unreachable prohibited ${to}` // the doubled space is tcpdump's
    case 2:
      return `beyond scope ${to}, source address ${p.inner?.src ?? '::'}`
    case 3:
      return `unreachable address ${to}`
    case 4:
      return `unreachable port, ${to} ${portOf(p)}`
    default:
      return `unknown unreach code (${code})`
  }
}
