import type { ForwardingMethod, RealServer, ServiceId, VirtualService } from '../../model/ipvs.js'
import { BadLine, type CommandNode, type CommandOption } from './nodes.js'
import {
  DEFAULT_PERSISTENCE,
  endpointWord,
  granularityOf,
  isIpv6,
  markOf,
  numberOf,
  persistenceOf,
  schedulerOf,
} from './words.js'

/** Long options and what the short form is; both may be in a saved line. */
const LONG = new Map<string, string>(
  Object.entries({
    'add-service': '-A',
    'add-server': '-a',
    'tcp-service': '-t',
    'udp-service': '-u',
    'sctp-service': '--sctp-service',
    'fwmark-service': '-f',
    ipv6: '-6',
    scheduler: '-s',
    'sched-flags': '-b',
    persistent: '-p',
    netmask: '-M',
    pe: '--pe',
    ops: '-o',
    'real-server': '-r',
    masquerading: '-m',
    gatewaying: '-g',
    ipip: '-i',
    weight: '-w',
    'u-threshold': '-x',
    'l-threshold': '-y',
    'tun-type': '--tun-type',
    'tun-port': '--tun-port',
    'tun-nocsum': '--tun-nocsum',
    'tun-csum': '--tun-csum',
    'tun-remcsum': '--tun-remcsum',
  }).map(([name, short]) => [`--${name}`, short]),
)
/** How many words an option takes; `?` is one or none. */
const ARITY: Readonly<Record<string, 0 | 1 | '?'>> = Object.assign(Object.create(null), {
  '-A': 0,
  '-a': 0,
  '-t': 1,
  '-u': 1,
  '--sctp-service': 1,
  '-f': 1,
  '-6': 0,
  '-s': 1,
  '-b': 1,
  '-p': '?',
  '-M': 1,
  '--pe': 1,
  '-o': 0,
  '-r': 1,
  '-m': 0,
  '-g': 0,
  '-i': 0,
  '-w': 1,
  '-x': 1,
  '-y': 1,
  '--tun-type': 1,
  '--tun-port': 1,
  '--tun-nocsum': 0,
  '--tun-csum': 0,
  '--tun-remcsum': 0,
})
const METHODS = new Map<string, ForwardingMethod>([
  ['-m', 'Masq'],
  ['-g', 'Route'],
  ['-i', 'Tunnel'],
])
const OF_SERVICE = new Set(['-s', '-b', '-p', '-M', '--pe', '-o'])
const OF_SERVER = new Set(['-r', '-m', '-g', '-i', '-w', '-x', '-y'])

export type Saved =
  | { readonly kind: 'service'; readonly service: VirtualService }
  | { readonly kind: 'server'; readonly id: ServiceId; readonly server: RealServer }

/** A line of `ipvsadm -Sn`: -A adds a service, -a a real server to one. @throws BadLine */
export function savedLine(node: CommandNode, line: number): Saved {
  const first = node.options[0]!
  const letter = LONG.get(first.flag) ?? first.flag
  if (letter !== '-A' && letter !== '-a')
    throw new BadLine(
      first.column,
      `a saved line begins with -A (a service) or -a (a real server), not ${first.flag.slice(0, 40)}`,
    )
  const [command, ...options] = node.options.map(shortened) as [CommandOption, ...CommandOption[]]
  const adding = command.flag === '-A'
  const given = new Map<string, CommandOption>()
  for (const option of options) {
    const { flag, column } = option
    if (given.has(flag)) throw new BadLine(column, `${flag} is given twice`)
    if ((adding ? OF_SERVER : OF_SERVICE).has(flag) || flag === '-A' || flag === '-a')
      throw new BadLine(column, `${flag} makes no sense with ${command.flag}`)
    given.set(flag, option)
  }
  const id = serviceId(given, command.column)
  return adding
    ? { kind: 'service', service: service(id, given, line) }
    : { kind: 'server', id, server: server(given, command.column, line) }
}

function shortened(option: CommandOption): CommandOption {
  const flag = LONG.get(option.flag) ?? option.flag
  const arity = ARITY[flag]
  if (arity === undefined) throw new BadLine(option.column, `unknown option ${option.flag.slice(0, 40)}`)
  const n = option.words.length
  if (arity === 1 && n === 0) throw new BadLine(option.column, `${option.flag} needs a value`)
  if (n > (arity === '?' ? 1 : arity))
    throw new BadLine(option.column, `${option.words.at(-1)!.slice(0, 40)} is too much behind ${option.flag}`)
  return { ...option, flag }
}

function serviceId(given: ReadonlyMap<string, CommandOption>, column: number): ServiceId {
  const named = ['-t', '-u', '--sctp-service', '-f'].flatMap(flag => given.get(flag) ?? [])
  const [one, two] = named
  if (!one) throw new BadLine(column, 'the service is missing: -t, -u, --sctp-service or -f')
  if (two) throw new BadLine(two.column, 'two services in one line')
  if (one.flag === '-f')
    return { kind: 'fwmark', mark: markOf(one.words[0], one.column), ipv6: given.has('-6') }
  const proto = one.flag === '-t' ? 'TCP' : one.flag === '-u' ? 'UDP' : 'SCTP'
  return { kind: 'address', proto, ...endpointWord(one.words[0], one.column) }
}

function service(id: ServiceId, given: ReadonlyMap<string, CommandOption>, line: number): VirtualService {
  const scheduler = given.get('-s')
  const persistent = given.get('-p')
  const mask = given.get('-M')
  const engine = given.get('--pe')?.words[0]
  return {
    id,
    scheduler: scheduler ? schedulerOf(scheduler.words[0]!, scheduler.column) : 'wlc',
    schedulerFlags: given.get('-b')?.words[0]?.split(',') ?? [],
    ...(persistent && {
      persistent:
        persistent.words.length === 0
          ? DEFAULT_PERSISTENCE
          : persistenceOf(persistent.words[0], persistent.column),
    }),
    ...(mask && { persistenceMask: granularityOf(mask.words[0], isIpv6(id), mask.column) }),
    ...(engine !== undefined && { persistenceEngine: engine }),
    onePacket: given.has('-o'),
    realServers: [],
    line,
  }
}

function server(given: ReadonlyMap<string, CommandOption>, column: number, line: number): RealServer {
  const real = given.get('-r')
  if (!real) throw new BadLine(column, 'the real server is missing: -r')
  const methods = ['-m', '-g', '-i'].flatMap(flag => given.get(flag) ?? [])
  if (methods[1]) throw new BadLine(methods[1].column, 'two forwarding methods in one line')
  const weight = given.get('-w')
  return {
    ...endpointWord(real.words[0], real.column),
    method: METHODS.get(methods[0]?.flag ?? '-g')!,
    weight: weight ? numberOf(weight.words[0], 'the weight', weight.column, 0x7fffffff) : 1,
    activeConnections: 0,
    inactiveConnections: 0,
    line,
  }
}
