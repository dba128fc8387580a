import type { EventOf } from './events.js'
import type { Netns } from '../model/snapshot.js'
import { placeOf } from '../snapshot/sources.js'
import { sysctlOf } from '../snapshot/sysctl.js'
import type { Where } from '../talk/conversation.js'

const at = (netns: Netns) => ({ node: netns.node, netns: netns.name })

/** The rule or policy of an event. */
export const whereDecided = (netns: Netns, event: EventOf<'rule'> | EventOf<'policy'>): Where => ({
  ...at(netns),
  kind: event.kind,
  detail: event.kind === 'rule' ? event.text : `-P ${event.chain} ${event.verdict}`,
  file: event.file,
  ...(event.line > 0 ? { line: event.line } : {}),
})

/** A rule of the snapshot. */
export const whereRule = (netns: Netns, file: string, rule: { text: string; line: number }): Where => ({
  ...at(netns),
  kind: 'rule',
  detail: rule.text,
  file,
  ...(rule.line > 0 ? { line: rule.line } : {}),
})

export function whereSysctl(netns: Netns, key: string): Where {
  const value = sysctlOf(netns, key)
  const place = placeOf(netns, 'sysctl', line => line.split(/\s*=/)[0]!.trim() === key)
  return { ...at(netns), kind: 'sysctl', detail: `${key}=${value ?? '(absent)'}`, ...place }
}

export const whereModule = (netns: Netns, name: string): Where => ({
  ...at(netns),
  kind: 'module',
  detail: `${name} is not loaded`,
  ...placeOf(netns, 'sysctl', () => false),
})

/** A route by its text as `ip route` prints it; without one, that it is missing. */
export function whereRoute(netns: Netns, text: string | undefined, missing = ''): Where {
  const known = text === undefined ? undefined : netns.routes.find(r => r.text.trim() === text.trim())
  const stem =
    known?.family === 'ipv6' && Object.hasOwn(netns.files, 'ip6-route.txt') ? 'ip6-route' : 'ip-route'
  const file = placeOf(netns, stem, line => text !== undefined && line.trim() === text.trim())
  const line = known?.line ?? file?.line
  return {
    ...at(netns),
    kind: 'route',
    detail: text?.trim() ?? missing,
    ...(file ? { file: file.file } : {}),
    ...(line === undefined || text === undefined ? {} : { line }),
  }
}

export function whereListener(netns: Netns, proto: string, port: number, text?: string): Where {
  const place = placeOf(netns, 'ss', line => (text === undefined ? false : tidy(line) === tidy(text)))
  return {
    ...at(netns),
    kind: 'listener',
    detail: text?.trim() ?? `no listener on ${proto} port ${port}`,
    ...place,
  }
}

export function whereHairpin(netns: Netns, port: string, detail: string): Where {
  const place =
    placeOf(netns, 'bridge-link', line => new RegExp(`\\b${escaped(port)}[@:]`).test(line)) ??
    placeOf(netns, 'ip-addr', line => new RegExp(`\\b${escaped(port)}[@:]`).test(line))
  return { ...at(netns), kind: 'hairpin', detail, ...place }
}

export function whereAddress(netns: Netns, address: string, detail: string): Where {
  const place = placeOf(netns, 'ip-addr', line => new RegExp(`[ "]${escaped(address)}[/" ]`).test(line))
  return { ...at(netns), kind: 'address', detail, ...place }
}

export function whereDevice(netns: Netns, dev: string, detail: string): Where {
  const place = placeOf(netns, 'ip-addr', line => new RegExp(`^\\d+: ${escaped(dev)}[@:]`).test(line))
  return { ...at(netns), kind: 'address', detail, ...place }
}

export const whereConntrack = (netns: Netns, text: string): Where => ({
  ...at(netns),
  kind: 'conntrack',
  detail: text,
  ...placeOf(netns, 'conntrack', line => tidy(line) === tidy(text)),
})

export const whereNeighbour = (netns: Netns, address: string, detail: string): Where => ({
  ...at(netns),
  kind: 'neighbour',
  detail,
  ...placeOf(netns, 'ip-neigh', line => line.startsWith(`${address} `)),
})

export const whereFdb = (netns: Netns, mac: string, detail: string): Where => ({
  ...at(netns),
  kind: 'neighbour',
  detail,
  ...placeOf(netns, 'bridge-fdb', line => line.startsWith(mac)),
})

export const whereIpvs = (netns: Netns, detail: string, line?: number): Where => ({
  ...at(netns),
  kind: 'ipvs',
  detail,
  ...(netns.ipvs ? { file: netns.ipvs.file } : placeOf(netns, 'ipvsadm', () => false)),
  ...(line === undefined || line === 0 ? {} : { line }),
})

/** A device's own sysctl; sysctl(8) writes a dot in a device's name as a slash. */
export const deviceKey = (family: 'ipv4' | 'ipv6', dev: string, key: string): string =>
  `net.${family}.conf.${dev.replaceAll('.', '/')}.${key}`

const tidy = (text: string): string => text.trim().replace(/\s+/g, ' ')
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** A command as it is typed to look inside a namespace. */
export const inside = (netns: Netns, command: string): string =>
  netns.isHost ? command : `ip netns exec ${netns.folder} ${command}`

/** The tool that shows and changes a rule: by its packet's family, which tells more than the name of a lone file. */
export function tables(event: { readonly file: string; readonly packet?: string }): string {
  const six = /ip6tables/.test(event.file) || /^\S+ (\[|[0-9a-f]*:[0-9a-f]*:)/.test(event.packet ?? '')
  return `${six ? 'ip6tables' : 'iptables'}${/legacy/.test(event.file) ? '-legacy' : ''}`
}

/** How to look at the chain of a rule. */
export const seeChain = (
  netns: Netns,
  e: { file: string; table: string; chain: string; packet?: string },
): string => inside(netns, `${tables(e)} -t ${e.table} -S ${e.chain}`)
