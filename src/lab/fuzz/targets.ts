import { addressOf, networkOf, type Place } from './rules.js'

const VALUES = ['0x1', '0x4000', '0x10', '0x2']

/** What a rule does: `-j …`, `-g …`, or nothing. */
export function targetWords(place: Place, proto: string, jumps: readonly string[]): string {
  const { random, table, crowded } = place
  if (jumps.length > 0 && random.chance(crowded ? 0.4 : 0.25))
    return `${random.chance(crowded ? 0.75 : 0.85) ? '-j' : '-g'} ${random.pick(jumps)}`
  switch (table) {
    case 'raw':
      return raw(place)
    case 'mangle':
      return mangle(place, proto)
    case 'nat':
      return nat(place, proto)
    default:
      return filter(place, proto)
  }
}

function raw({ random, six }: Place): string {
  return random.weighted([
    [2, '-j CT --notrack'],
    [1, '-j NOTRACK'],
    [1, `-j CT --zone ${1 + random.below(3)}`],
    [1, `-j CT ${random.pick(['--zone-orig', '--zone-reply'])} ${1 + random.below(2)}`],
    [0.5, `-j CT ${random.pick(['--zone', '--zone-orig', '--zone-reply'])} mark`],
    [3, `-j MARK --set-xmark ${random.pick(VALUES)}/${random.pick(['0xffffffff', '0x4000', '0xff'])}`],
    [1, '-j ACCEPT'],
    [1, '-j RETURN'],
    [0.7, '-j DROP'],
    [1, ''],
    [1, `-j SET --add-set ADDED${six ? '6' : ''} ${random.pick(['src', 'dst'])} --exist`],
    [0.5, '-j LOG'],
    [0.3, '-j NFLOG --nflog-group 5'],
  ])
}

function mangle(place: Place, proto: string): string {
  const { random, six, hook } = place
  const value = random.pick(VALUES)
  const hops = random.weighted([
    [2, six ? 'HL --hl-set 50' : 'TTL --ttl-set 50'],
    [1, six ? 'HL --hl-set 1' : 'TTL --ttl-set 1'],
    [1, six ? 'HL --hl-dec 1' : 'TTL --ttl-dec 1'],
    [1, six ? 'HL --hl-inc 1' : 'TTL --ttl-inc 1'],
  ])
  return random.weighted([
    [4, `-j MARK --set-xmark ${value}/${random.pick(['0xffffffff', value, '0xff'])}`],
    [1, `-j MARK ${random.pick(['--or-mark 0x10', '--and-mark 0xff', '--xor-mark 0x3'])}`],
    [
      2, // bits outside of the mask would be turned by every packet, repetitions among them
      `-j CONNMARK --set-xmark ${value}/${random.pick(['0xffffffff', value])}`,
    ],
    [
      2,
      `-j CONNMARK --save-mark --nfmask ${random.pick(['0xffffffff', '0xff'])} --ctmask ${random.pick(['0xffffffff', '0xff'])}`,
    ],
    [
      2,
      `-j CONNMARK --restore-mark --nfmask ${random.pick(['0xffffffff', '0x4000'])} --ctmask ${random.pick(['0xffffffff', '0xff'])}`,
    ],
    [2, `-j ${hops}`],
    [1, `-j TOS --set-tos ${random.pick(['0x10/0x3f', '0x28/0xff', '0x08/0xff'])}`],
    [1, '-j DSCP --set-dscp 0x0a'],
    [
      hook === 'FORWARD' || hook === 'OUTPUT' || hook === 'POSTROUTING' ? 0.5 : 0,
      '-j CLASSIFY --set-class 0001:0002',
    ],
    [1, '-j ACCEPT'],
    [1, '-j RETURN'],
    [0.7, '-j DROP'],
    [1, ''],
    [0.5, '-j NFLOG --nflog-group 5'],
    [0.5, `-j SET --add-set ADDED${six ? '6' : ''} ${random.pick(['src', 'dst'])} --exist`],
    [
      hook === 'PREROUTING' && (proto === 'tcp' || proto === 'udp') ? 2 : 0,
      `-j TPROXY --on-port ${random.pick(['8080', '80', '53', '0'])} --on-ip ${six ? '::' : random.pick(['0.0.0.0', '127.0.0.1'])} --tproxy-mark 0x1/0x1`,
    ],
  ])
}

function nat(place: Place, proto: string): string {
  const { random, hook, six } = place
  const bracket = (a: string) => (six ? `[${a}]` : a)
  const hasPorts = proto === 'tcp' || proto === 'udp'
  const port = hasPorts ? random.pick([':80', ':8080', ':53', '', ':8000-8100', ':80-80']) : ''
  const flags = random.weighted([
    [10, ''],
    [1, ' --persistent'],
    [1, ' --random'],
    [hook === 'PREROUTING' || hook === 'OUTPUT' ? 0 : 1, ' --random-fully'],
  ])
  const target = random.weighted([
    [9, addressOf(place)],
    [1, rangeOf(place)],
    [six ? 0 : 0.4, '127.0.0.1'],
  ])
  const to = port === '' ? target : `${bracket(target)}${port}`
  const sourcePort = hasPorts ? random.pick(['', '', '', ':2000-2000', ':40000-49999', ':1-60000']) : ''
  // of a range; nobody's; somebody's
  const source = random.weighted([
    [1, rangeOf(place)],
    [1, six ? 'fd00:99::9' : '10.99.9.9'],
    [8, addressOf(place)],
  ])
  const from = sourcePort === '' ? source : `${bracket(source)}${sourcePort}`
  const plain = random.pick([
    '-j ACCEPT',
    '-j RETURN',
    '',
    '-j MARK --set-xmark 0x4000/0x4000',
    '-j NFLOG --nflog-group 5',
  ])
  if (hook === 'PREROUTING' || hook === 'OUTPUT')
    return random.weighted([
      [6, `-j DNAT --to-destination ${to}${flags}`],
      [
        2,
        `-j REDIRECT${hasPorts ? random.pick([' --to-ports 80', ' --to-ports 8080', ' --to-ports 53', ' --to-ports 2483', '']) : ''}`,
      ],
      [1, `-j NETMAP --to ${networkOf(place)}`],
      [2, plain],
    ])
  if (hook === 'POSTROUTING' || hook === 'INPUT')
    return random.weighted([
      [4, `-j SNAT --to-source ${from}${flags}`],
      [
        hook === 'POSTROUTING' ? 4 : 0,
        `-j MASQUERADE${hasPorts ? random.pick(['', '', ' --to-ports 2000', ' --to-ports 41000-49999', ' --random', ' --random-fully']) : ''}`,
      ],
      [hook === 'POSTROUTING' ? 1 : 0, `-j NETMAP --to ${networkOf(place)}`],
      [2, plain],
    ])
  return plain
}

/** A few addresses in a row, of which chance picks one. */
function rangeOf(place: Place): string {
  const address = addressOf(place)
  const last = /[0-9a-f]+$/.exec(address)?.[0] ?? '1'
  const more = place.six ? (Number.parseInt(last, 16) + 1).toString(16) : String(Number(last) + 1)
  return `${address}-${address.slice(0, address.length - last.length)}${more}`
}

const REJECTS = [
  'icmp-port-unreachable',
  'icmp-host-unreachable',
  'icmp-net-unreachable',
  'icmp-proto-unreachable',
  'icmp-net-prohibited',
  'icmp-host-prohibited',
  'icmp-admin-prohibited',
]
const REJECTS6 = [
  'icmp6-port-unreachable',
  'icmp6-no-route',
  'icmp6-adm-prohibited',
  'icmp6-addr-unreachable',
  'icmp6-policy-fail',
  'icmp6-reject-route',
]

function filter({ random, six }: Place, proto: string): string {
  return random.weighted([
    [4, '-j ACCEPT'],
    [2, '-j DROP'],
    [3, `-j REJECT --reject-with ${random.pick(six ? REJECTS6 : REJECTS)}`],
    [proto === 'tcp' ? 2 : 0, '-j REJECT --reject-with tcp-reset'],
    [2, '-j RETURN'],
    [2, ''],
    [0.5, '-j LOG'],
    [0.3, '-j NFLOG --nflog-group 5'],
    [0.5, '-j MARK --set-xmark 0x1/0xffffffff'],
    [0.5, `-j SET --add-set ADDED${six ? '6' : ''} ${random.pick(['src', 'dst'])} --exist`],
  ])
}
