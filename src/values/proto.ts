/** Protocol numbers of the IP header, and the names that dumps spell them with (/etc/protocols). */
export const PROTO = {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  ospf: 89,
  vrrp: 112,
  sctp: 132,
  mh: 135,
  udplite: 136,
} as const

const NAMES = new Map<number, string>([
  ...Object.entries(PROTO).map(([name, n]) => [n, name] as const),
  [0, 'ip'],
  [4, 'ipencap'],
  [58, 'ipv6-icmp'],
])
const NUMBERS = new Map<string, number>([
  ...Object.entries(PROTO),
  ['ipv6-icmp', 58],
  ['ipencap', 4],
  ['ip', 0],
  ['all', 0],
  ['any', 0],
])

/** The name as iptables-save prints it; digits where it prints digits. */
export const protoName = (n: number): string => NAMES.get(n) ?? String(n)

/** A protocol by name (any case) or number 0–255; undefined if neither. */
export function parseProto(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined
  return NUMBERS.get(text.toLowerCase())
}

/** Short name in packet summaries and flows: tcp, udp, icmp, … */
export const protoLabel = (n: number): string => (n === 58 ? 'icmpv6' : (NAMES.get(n) ?? `proto-${n}`))

export const hasPorts = (proto: number): boolean =>
  proto === PROTO.tcp ||
  proto === PROTO.udp ||
  proto === PROTO.sctp ||
  proto === PROTO.dccp ||
  proto === PROTO.udplite
export const isIcmp = (proto: number): boolean => proto === PROTO.icmp || proto === PROTO.icmpv6
