import { addressOf, networkOf, type Place } from './rules.js'

const PORTS = [
  '80',
  '8080',
  '53',
  '2483',
  '443',
  '9999',
  '30080',
  '1:1000',
  '8000:9000',
  '30000:65535',
  '41000:49999',
]
const EDGES = [1, 53, 80, 443, 1000, 2483, 8080, 9999, 30080]
const STATES = [
  'NEW',
  'ESTABLISHED',
  'RELATED',
  'INVALID',
  'UNTRACKED',
  'NEW,ESTABLISHED',
  'RELATED,ESTABLISHED',
  'DNAT',
  'SNAT',
  'INVALID,UNTRACKED',
]
const MARKS = ['0x1', '0x1/0x1', '0x4000/0x4000', '0x10/0xf0', '0x0', '0x2/0xff']
const TYPES = ['LOCAL', 'UNICAST', 'BROADCAST', 'MULTICAST', 'BLACKHOLE', 'UNREACHABLE', 'PROHIBIT']

/** Far enough from any moment at which they might begin or end while a flow is under way. */
const TIMES = [
  '--weekdays Mon,Tue,Wed',
  '! --weekdays Sat,Sun',
  '--monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15',
  '--datestart 2020-01-01 --datestop 2035-01-01',
  '--datestart 2020-01-01 --datestop 2021-01-01',
  '--timestart 06:00 --timestop 18:00',
  '--timestart 18:00 --timestop 06:00',
  '--timestart 18:00 --timestop 06:00 --contiguous --weekdays Mon,Wed,Fri',
]

type Maker = (place: Place, proto: string) => string

/** Matches with how often they are drawn; an empty string where one does not fit the place. */
const MAKERS: readonly (readonly [number, Maker])[] = [
  [8, (p, proto) => ports(p, proto)],
  [3, (p, proto) => multiport(p, proto)],
  [6, ({ random }) => `-m conntrack ${n(random)}--ctstate ${random.pick(STATES)}`],
  [5, p => conntrack(p)],
  [
    1,
    ({ random }) =>
      `-m state ${n(random)}--state ${random.pick(['NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'INVALID'])}`,
  ],
  [4, ({ random }) => `-m mark ${n(random)}--mark ${random.pick(MARKS)}`],
  [3, ({ random }) => `-m connmark ${n(random)}--mark ${random.pick(MARKS)}`],
  [4, p => addrtype(p)],
  [
    1.5,
    ({ random, six }) =>
      six
        ? `-m iprange ${n(random)}--dst-range fd00:1::1-fd00:1::3`
        : `-m iprange ${n(random)}--${random.pick(['src', 'dst'])}-range ${random.pick(['10.244.1.1-10.244.1.3', '10.0.1.0-10.0.2.1', '192.168.50.1-192.168.50.15', '10.0.1.1-10.0.2.3'])}`,
  ],
  [
    1.5,
    ({ random }) =>
      `-m length ${n(random)}--length ${random.pick(['60', '52', '29', '40:60', '0:59', '61:65535', '84', '0:40', '41:100', '100:1500'])}`,
  ],
  [
    1.5,
    ({ random, six }) =>
      six
        ? `-m hl ${random.pick(['--hl-eq 64', '--hl-lt 64', '--hl-gt 62'])}`
        : `-m ttl ${random.pick(['--ttl-eq 64', '--ttl-lt 64', '--ttl-gt 62', '--ttl-eq 63', '--ttl-lt 63', '--ttl-gt 63', '--ttl-gt 64'])}`,
  ],
  [1, ({ random }) => `-m dscp ${n(random)}--dscp ${random.pick(['0x00', '0x0a', '0x2e'])}`],
  [
    1,
    ({ random }) =>
      `-m tos ${n(random)}--tos ${random.pick(['0x00/0xff', '0x10/0x3f', '0xc0/0xff', '0x28/0xfc'])}`,
  ],
  [
    1.5,
    ({ random, hook }) =>
      hook === undefined || hook === 'PREROUTING' || hook === 'INPUT' || hook === 'FORWARD'
        ? `-m pkttype ${n(random)}--pkt-type ${random.pick(['unicast', 'broadcast', 'multicast'])}`
        : '',
  ],
  [
    2,
    ({ random }) => {
      const every = 1 + random.below(3)
      return `-m statistic --mode nth --every ${every} --packet ${random.below(every)}`
    },
  ],
  [
    1.5,
    ({ random }) =>
      `-m limit --limit ${random.pick(['1/hour', '2/hour', '6/hour'])} --limit-burst ${1 + random.below(4)}`,
  ],
  [
    1.5,
    ({ random }) =>
      `-m hashlimit --hashlimit-${random.pick(['upto', 'above'])} 1/hour --hashlimit-burst ${1 + random.below(4)} --hashlimit-mode ${random.pick(['srcip', 'dstip', 'srcip,dstport', 'dstip,dstport'])} --hashlimit-name h${random.below(1000)}`,
  ],
  [1.5, p => recent(p)],
  [
    1,
    ({ random, six }) =>
      `-m connlimit --connlimit-${random.pick(['upto', 'above'])} ${random.pick([0, 50])} --connlimit-mask ${random.pick(six ? ['0', '64', '128'] : ['0', '24', '32'])} --connlimit-${random.pick(['saddr', 'daddr'])}`,
  ],
  [0.8, ({ random }) => `-m quota ${n(random, 0.2)}--quota ${random.pick(['60', '100', '150', '1000'])}`],
  [4, p => set(p)],
  [2, p => physdev(p)],
  [1, p => owner(p)],
  [1.5, p => rpfilter(p)],
  [0.6, ({ six }) => (six ? '' : '-f')],
  [
    0.5,
    ({ random, hook }) =>
      hook === 'PREROUTING' || hook === 'INPUT' || hook === 'FORWARD'
        ? `-m mac ${n(random)}--mac-source 02:00:00:00:00:${random.pick(['05', '06', '07', '0a'])}`
        : '',
  ],
  [
    0.5,
    ({ table, hook, random }) =>
      table === 'mangle' && (hook === 'PREROUTING' || hook === 'INPUT')
        ? `-m socket${random.chance(0.4) ? ' --nowildcard' : ''}${random.chance(0.2) ? ' --transparent' : ''}`
        : '',
  ],
  [
    0.5,
    ({ random, hook }) =>
      hook === 'PREROUTING' || hook === 'INPUT'
        ? `-m policy --dir in --pol ${random.pick(['none', 'ipsec'])}`
        : '',
  ],
  [
    0.2,
    ({ random, six, hook }) =>
      six || hook === undefined || hook === 'PREROUTING' ? '' : `-m realm ${n(random)}--realm 0x0`,
  ],
  [
    0.5,
    ({ random }, proto) =>
      proto === 'tcp' ? `-m tcpmss ${n(random)}--mss ${random.pick(['1460', '1:1459', '536:1500'])}` : '',
  ],
  [
    0.5,
    ({ random }) => `-m u32 --u32 "${random.pick(['0x6&0xff=0x6', '0x0&0xffff=0x3c', '0x8>>24=0x40,0x3f'])}"`,
  ],
  [0.5, ({ random }) => `-m bpf --bytecode "${random.pick(PROGRAMS)}"`],
  [0.4, ({ random }) => `-m time ${random.pick(TIMES)}`],
  [0.5, ({ random }) => `-m string ${n(random)}--string "seen" --algo bm --to 65535`],
  [0.5, ({ random }, proto) => (proto === 'tcp' ? `-m ecn ${n(random)}--ecn-tcp-ece` : '')],
]

/** Classic BPF: is it TCP, from port 53, longer than 60 bytes, marked? */
const PROGRAMS = [
  '4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0',
  '5,177 0 0 0,72 0 0 0,21 0 1 53,6 0 0 1,6 0 0 0',
  '4,128 0 0 0,37 0 1 60,6 0 0 1,6 0 0 0',
  '2,32 0 0 4294963220,22 0 0 0',
]

const n = (random: Place['random'], p = 0.2): string => (random.chance(p) ? '! ' : '')

export function matchWords(place: Place, proto: string): string {
  return place.random.weighted(MAKERS)(place, proto)
}

/** Of ports alone. */
export const portWords = (place: Place, proto: string): string =>
  place.random.chance(0.3) ? multiport(place, proto) : ports(place, proto)

function multiport({ random, world }: Place, proto: string): string {
  if (proto !== 'tcp' && (proto !== 'udp' || world.tunnels)) return ''
  return `-m multiport ${n(random)}--${random.pick(['dports', 'sports', 'ports'])} ${random.pick(['80,8080', '53,8080', '80,53,2483', '1:1000,8080', '41000:49999', '9999,8080,80,40000:49999', '443,30080,53', '2483,30080,443'])}`
}

function ports(place: Place, proto: string): string {
  const { random } = place
  if (proto === 'tcp' && random.chance(0.25))
    return random.pick([
      '-m tcp --tcp-flags FIN,SYN,RST,ACK SYN',
      '-m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN',
      '-m tcp --tcp-flags PSH PSH',
      '-m tcp --tcp-flags ACK ACK',
      '-m tcp --tcp-option 8',
      '-m tcp --tcp-flags SYN,ACK SYN',
    ])
  if (proto === 'tcp' || proto === 'udp')
    return `-m ${proto} ${n(random)}--${random.chance(0.8) ? 'dport' : 'sport'} ${portsOf(place, proto)}`
  if (proto === 'icmp')
    return `-m icmp ${n(random)}--icmp-type ${random.pick(['8', '0', '3', '3/3', '3/1', '5', '11'])}`
  if (proto === 'ipv6-icmp')
    return `-m icmp6 ${n(random)}--icmpv6-type ${random.pick(['128', '129', '1', '1/4', '3'])}`
  return ''
}

/** A port, or a range of them; none that a tunnel may have by chance. */
function portsOf({ random, world }: Place, proto: string): string {
  if (world.tunnels && proto === 'udp')
    return random.pick(['80', '8080', '53', '2483', '1:1000', '8000:8400'])
  if (random.chance(0.7)) return random.pick(PORTS)
  const [low, high] = [random.below(EDGES.length), random.below(EDGES.length)].sort((a, b) => a - b)
  return `${EDGES[low!]}:${EDGES[high!]! + (low === high ? 7 : 0)}`
}

function conntrack(place: Place): string {
  const { random } = place
  const side = random.pick(['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst'])
  return `-m conntrack ${random.pick([
    `${n(random)}--${side} ${addressOf(place)}`,
    `${n(random)}--${side} ${random.chance(0.8) ? networkOf(place) : place.six ? '::/0' : '0.0.0.0/0'}`,
    '--ctdir ORIGINAL',
    '--ctdir REPLY',
    `${n(random)}--ctstatus ${random.pick(['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED', 'SEEN_REPLY,CONFIRMED'])}`,
    `${n(random)}--ctproto ${random.pick(['6', '17'])}`,
    `${n(random)}--ctorigdstport ${random.pick(['80', '53', '8080'])}`,
    `${n(random)}--ctreplsrcport ${random.pick(['80', '53', '8080'])}`,
    `${n(random)}--ctexpire ${random.pick(['0:60', '61:200', '400000:500000'])}`,
  ])}`
}

function addrtype({ random, hook, six }: Place): string {
  const types = six ? TYPES.filter(t => !['BROADCAST', 'BLACKHOLE', 'PROHIBIT'].includes(t)) : TYPES
  const word = `${n(random)}--${random.chance(0.65) ? 'dst' : 'src'}-type ${random.weighted([
    [5, 'LOCAL'],
    [2, 'UNICAST'],
    [1, random.pick(types)],
  ])}`
  const limit =
    !random.chance(0.2) || hook === undefined
      ? ''
      : hook === 'PREROUTING' || hook === 'INPUT'
        ? ' --limit-iface-in'
        : hook === 'POSTROUTING' || hook === 'OUTPUT'
          ? ' --limit-iface-out'
          : ''
  return `-m addrtype ${word}${limit}`
}

function recent({ random, six }: Place): string {
  const list = `--name ${random.pick(['L1', 'L2'])} --mask ${six ? 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' : random.pick(['255.255.255.255', '255.255.255.0'])} ${random.pick(['--rsource', '--rdest'])}`
  return `-m recent ${n(random, 0.15)}${random.pick(['--set', '--rcheck', '--update', '--rcheck --hitcount 2', '--update --seconds 60 --hitcount 3', '--remove', '--set'])} ${list}`
}

function set({ random, six, world }: Place): string {
  const name = (base: string) => (six ? `${base}6` : base)
  const side = () => random.pick(['src', 'dst'])
  const pick = random.pick([
    `${name('IPS')} ${side()}`,
    `${name('NETS')} ${side()}`,
    `${name('IPPORT')} ${random.pick(['dst,dst', 'src,dst', 'src,src'])}`,
    `${name('NETPORT')} ${random.pick(['dst,dst', 'src,dst'])}`,
    `${name('IPPIP')} ${random.pick(['dst,dst,src', 'src,dst,dst', 'dst,dst,dst'])}`,
    `${name('NETIF')} ${random.pick(['src,src', 'dst,dst', 'src,dst'])}`,
    `${name('ADDED')} ${side()}`,
    `PORTS ${side()}`,
  ])
  if (six && world.addresses.v6.length === 0) return ''
  return `-m set ${n(random)}--match-set ${pick}`
}

function physdev({ random, hook, world }: Place): string {
  if (world.ports.length === 0) return ''
  const port = random.pick(world.ports)
  if (hook === 'PREROUTING' || hook === 'INPUT')
    return `-m physdev ${random.pick([`${n(random)}--physdev-in ${port}`, `${n(random)}--physdev-is-in`])}`
  if (hook === 'FORWARD')
    return `-m physdev ${random.pick([`${n(random)}--physdev-in ${port}`, `${n(random)}--physdev-is-in`, '--physdev-is-bridged', '! --physdev-is-bridged', `--physdev-is-bridged --physdev-out ${port}`, `--physdev-is-bridged --physdev-is-out`])}`
  if (hook === 'POSTROUTING')
    return `-m physdev ${random.pick(['--physdev-is-bridged', '! --physdev-is-bridged', `${n(random)}--physdev-in ${port}`])}`
  return ''
}

function owner({ random, hook }: Place): string {
  if (hook !== 'OUTPUT' && hook !== 'POSTROUTING') return ''
  return `-m owner ${n(random)}${random.pick(['--uid-owner 0', '--uid-owner 1000', '--gid-owner 0', '--socket-exists'])}`
}

function rpfilter({ random, hook, table }: Place): string {
  if (hook !== 'PREROUTING' || (table !== 'raw' && table !== 'mangle')) return ''
  const flags = ['--loose', '--validmark', '--accept-local', '--invert'].filter(() => random.chance(0.3))
  return `-m rpfilter ${flags.join(' ')}`.trim()
}
