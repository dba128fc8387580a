import { familyOf, parseIp } from '../values/ip.js'
import { parseMac } from '../values/mac.js'
import { parseProto } from '../values/proto.js'
import { didYouMean } from './problems.js'

/** What the parts of an element are, by the type's name: `hash:ip,port,net`, `bitmap:ip,mac`, `list:set`. */
export const SET_TYPES: ReadonlySet<string> = new Set([
  ...['ip', 'ip,mac', 'port'].map(parts => `bitmap:${parts}`),
  ...[
    'ip',
    'mac',
    'ip,mac',
    'net',
    'net,net',
    'ip,port',
    'net,port',
    'ip,port,ip',
    'ip,port,net',
    'ip,mark',
    'net,port,net',
    'net,iface',
  ].map(parts => `hash:${parts}`),
  'list:set',
])

type Family = 'inet' | 'inet6'

/** What is wrong with an element of a set of this type, or undefined. Host and service names are taken on trust. */
export function elementComplaint(type: string, family: Family, element: string): string | undefined {
  const kinds = type.slice(type.indexOf(':') + 1).split(',')
  const parts = element.split(',')
  // the MAC of a bitmap:ip,mac is learned later where it is absent
  const least = type === 'bitmap:ip,mac' ? 1 : kinds.length
  if (parts.length < least || parts.length > kinds.length)
    return `an element of ${type} has ${kinds.length} part${kinds.length === 1 ? '' : 's'}: ${kinds.join(',')}`
  for (const [i, part] of parts.entries()) {
    const kind = kinds[i]!
    if (!FITS[kind]?.(part, family))
      return `${part} is no ${NAMES[kind] ?? kind}${kind === 'ip' || kind === 'net' ? ` of family ${family}` : ''}`
  }
  return undefined
}

const NAMES: Readonly<Record<string, string>> = { ip: 'address', net: 'network', iface: 'interface' }

const FITS: Readonly<Record<string, (part: string, family: Family) => boolean>> = {
  ip: isAddress,
  net: isAddress,
  port: isPort,
  mac: part => parseMac(part) !== undefined,
  mark: part => /^(\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(part) && Number(part) <= 0xffffffff,
  iface: part => /^(physdev:)?[^\s/]{1,15}$/.test(part),
  set: part => part.length > 0 && part.length <= 31,
}

/** Numbers, where an option of a set or an element takes one. */
const NUMBERS = new Set([
  'timeout',
  'hashsize',
  'maxelem',
  'bucketsize',
  'packets',
  'bytes',
  'skbqueue',
  'size',
])
const OPTIONS = {
  create:
    'family range hashsize maxelem bucketsize initval netmask bitmask markmask timeout size counters comment ' +
    'skbinfo forceadd resize probes gc from to network -4 -6',
  add: 'timeout packets bytes comment skbmark skbprio skbqueue nomatch wildcard before after',
}
const KNOWN = { create: new Set(OPTIONS.create.split(' ')), add: new Set(OPTIONS.add.split(' ')) }

/** What is wrong with the options of a `create` or `add` line, by name; a flag has the value undefined. */
export function optionComplaint(
  command: 'create' | 'add',
  options: Iterable<readonly [name: string, value: string | undefined, isFlag: boolean]>,
): string | undefined {
  for (const [name, value, isFlag] of options) {
    if (!KNOWN[command].has(name)) return `unknown argument: ${name}${didYouMean(name, KNOWN[command])}`
    if (isFlag) continue
    if (value === undefined) return `the value of ${name} is missing`
    if (NUMBERS.has(name) && !/^\d{1,20}$/.test(value)) return `${value} is no number, as ${name} takes one`
    if (name === 'family' && !/^(inet6?|ipv[46])$/.test(value)) return `${value} is no family: inet or inet6`
  }
  return undefined
}

/** `10.0.0.1`, `10.0.0.0/8`, `10.0.0.1-10.0.0.9`, `[host.example]`. */
function isAddress(part: string, family: Family): boolean {
  if (/^\[.+\]$/.test(part)) return true
  const [first = '', last, more] = part.split('-')
  // a name with a dash in it is one in brackets; without, it may still be a name
  if (more !== undefined || (last !== undefined && family === 'inet6')) return looksLikeName(part)
  const [address = '', length, tail] = first.split('/')
  if (tail !== undefined) return false
  const wide = family === 'inet' ? 32 : 128
  if (length !== undefined && !(/^\d{1,3}$/.test(length) && Number(length) <= wide)) return false
  if (last !== undefined && (length !== undefined || !isOf(last, family))) return looksLikeName(part)
  return isOf(address, family) || looksLikeName(address)
}
const isOf = (text: string, family: Family): boolean => {
  const address = parseIp(text)
  return address !== undefined && (familyOf(address) === 'ipv4') === (family === 'inet')
}
/** Something that a resolver might know: at least one letter, and no colon. */
const looksLikeName = (text: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(text) && /[A-Za-z]/.test(text)

/** `80`, `tcp:80`, `udp:1000-2000`, `icmp:echo-request`, `icmp:8/0`, `vrrp:0`, `http`. */
function isPort(part: string): boolean {
  const colon = part.indexOf(':')
  const proto = colon < 0 ? 'tcp' : part.slice(0, colon)
  const port = part.slice(colon + 1)
  if (colon >= 0 && parseProto(proto) === undefined && !/^\d{1,3}$/.test(proto)) return false
  if (/^(icmp|icmpv6|ipv6-icmp)$/.test(proto)) return /^(\d{1,3}\/\d{1,3}|[a-z-]+|0)$/.test(port)
  const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(port)
  // a service's name, which may hold digits but not only them
  if (!range) return !/^\d/.test(port) && /^[a-z][a-z0-9-]*$/i.test(port)
  return Number(range[1]) <= 65_535 && Number(range[2] ?? 0) <= 65_535
}
