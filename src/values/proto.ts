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

/** The rest of /etc/protocols, as Debian has it. */
const MORE: Readonly<Record<string, number>> = {
  ggp: 3,
  st: 5,
  egp: 8,
  igp: 9,
  pup: 12,
  hmp: 20,
  'xns-idp': 22,
  rdp: 27,
  'iso-tp4': 29,
  xtp: 36,
  ddp: 37,
  'idpr-cmtp': 38,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  idrp: 45,
  rsvp: 46,
  skip: 57,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  rspf: 73,
  vmtp: 81,
  eigrp: 88,
  'ax.25': 93,
  // the name ipip belongs to 94 there; 4, which IP-in-IP tunnels use, is ipencap
  ipip: 94,
  etherip: 97,
  encap: 98,
  pim: 103,
  ipcomp: 108,
  l2tp: 115,
  isis: 124,
  fc: 133,
  'mobility-header': 135,
  'mpls-in-ip': 137,
  manet: 138,
  hip: 139,
  shim6: 140,
  wesp: 141,
  rohc: 142,
  ethernet: 143,
}

const NAMES = new Map<number, string>([
  ...Object.entries(PROTO).map(([name, n]) => [n, name] as const),
  ...Object.entries(MORE).map(([name, n]) => [n, name] as const),
  [0, 'ip'],
  [4, 'ipencap'],
  [58, 'ipv6-icmp'],
])
const NUMBERS = new Map<string, number>([
  ...Object.entries(PROTO),
  ...Object.entries(MORE),
  ['hopopt', 0],
  ['ipv6-mh', 135],
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
