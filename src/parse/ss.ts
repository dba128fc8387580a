import type { Problem } from '../model/place.js'
import type { Listener } from '../model/snapshot.js'
import { type Family, type Ip, familyOf, parseIp } from '../values/ip.js'
import { type Line, lineProblem, linesOf, portNumber } from './lines.js'

export interface ListenersRead {
  readonly listeners: readonly Listener[]
  readonly problems: readonly Problem[]
}

/** Port names of /etc/services that `ss` without `-n` prints for what runs on such machines. */
const PORT_NAMES = new Map<string, number>([
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['bootps', 67],
  ['bootpc', 68],
  ['http', 80],
  ['kerberos', 88],
  ['sunrpc', 111],
  ['ntp', 123],
  ['snmp', 161],
  ['bgp', 179],
  ['ldap', 389],
  ['https', 443],
  ['isakmp', 500],
  ['syslog', 514],
  ['ldaps', 636],
  ['domain-s', 853],
  ['mysql', 3306],
  ['postgresql', 5432],
  ['mdns', 5353],
  ['redis', 6379],
  ['http-alt', 8080],
])

/** Netids of `ss` that are no IP sockets, or no listening ones: harmless in a dump. */
const OTHER = /^(u_\w+|nl|raw|p_\w+|v_\w+|icmp6?|ti_\w+|xdp|mptcp|unknown|\?\?\?)$/

/**
 * Reads `ss -Hlntu`; a header, a missing Netid column (`ss -lnt`: then tcp, or udp where UNCONN) and a process
 * column are tolerated. `*:80` is a socket of both families, `[::]:80` one with IPV6_V6ONLY, as `ss` prints them.
 */
export function parseSs(text: string, file: string): ListenersRead {
  const listeners: Listener[] = []
  const problems: Problem[] = []
  // before version 4.15 `*` meant 0.0.0.0 only, and `:::80` (no brackets) was the any address of IPv6
  const old = /(^|\s):::\S/.test(text)
  for (const line of linesOf(text, problems)) {
    const read = readLine(line, old)
    if (typeof read === 'string') problems.push(lineProblem(line, file, read, 'warning'))
    else if (read) listeners.push(read)
  }
  return { listeners, problems }
}

const STATE = /^(LISTEN|UNCONN)$/

function readLine(line: Line, old: boolean): Listener | string | undefined {
  const words = line.text.trim().split(/\s+/)
  const first = words[0]!.toLowerCase()
  if (/^(netid|state)$/.test(first) || first.startsWith('users:(') || OTHER.test(first)) return undefined
  const stateAt = words.findIndex(w => STATE.test(w))
  if (stateAt < 0)
    return words.some(w => /^(ESTAB|TIME-WAIT|CLOSE-WAIT|SYN-\w+|FIN-WAIT-\d|LAST-ACK|CLOSING)$/.test(w))
      ? undefined
      : 'not a listener: expected `NETID STATE RECV-Q SEND-Q LOCAL:PORT PEER:PORT`'
  const proto = stateAt === 0 ? (words[0] === 'LISTEN' ? 'tcp' : 'udp') : first
  if (proto !== 'tcp' && proto !== 'udp' && proto !== 'sctp') return undefined
  const local = words[stateAt + 3]
  const parts = local === undefined ? undefined : splitLocal(local)
  if (!parts) return 'not a listener: its local address is not ADDRESS:PORT'
  const port = portNumber(parts.port) ?? PORT_NAMES.get(parts.port)
  if (port === undefined) return `unknown port ${parts.port.slice(0, 40)}; dump with \`ss -n\``
  const families = familiesOf(parts.address, old)
  if (!families) return `not an address: ${parts.address.slice(0, 60)}`
  return {
    proto,
    port,
    families: families.families,
    ...(families.address ? { address: families.address } : {}),
    ...(parts.dev === undefined ? {} : { dev: parts.dev }),
    text: line.text.trim().replace(/\s+/g, ' '),
  }
}

/** `127.0.0.53%lo:53`, `[fe80::1]%eth0:546`, `[::]:80`, `:::80`, `*:80` */
function splitLocal(text: string): { address: string; dev?: string; port: string } | undefined {
  const colon = text.lastIndexOf(':')
  if (colon <= 0 || colon === text.length - 1) return undefined
  const [address = '', dev] = text.slice(0, colon).split('%')
  const bare = /^\[(.*)\]$/.exec(address)?.[1] ?? address
  // the device may stand inside the brackets too
  return { address: bare, ...(dev ? { dev: dev.replace(/\]$/, '') } : {}), port: text.slice(colon + 1) }
}

function familiesOf(text: string, old: boolean): { families: readonly Family[]; address?: Ip } | undefined {
  const address = text.replace(/^\[/, '')
  if (address === '*') return { families: old ? ['ipv4'] : ['ipv4', 'ipv6'] }
  if (address === '0.0.0.0') return { families: ['ipv4'] }
  if (address === '::') return { families: old ? ['ipv4', 'ipv6'] : ['ipv6'] }
  const parsed = parseIp(address)
  if (!parsed) return undefined
  // a v6 socket bound to a v4-mapped address takes IPv4 only
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(parsed)?.[1]
  if (mapped === '0.0.0.0') return { families: ['ipv4'] }
  if (mapped !== undefined) return { families: ['ipv4'], address: mapped as Ip }
  return { families: [familyOf(parsed)], address: parsed }
}
