import type { Nexthop, Route, RouteType } from '../model/route.js'
import { TABLE_DEFAULT, TABLE_LOCAL, TABLE_MAIN } from '../model/route.js'
import { type Family, anyIp, widthOf } from '../values/ip.js'
import { type Prefix, parsePrefix } from '../values/prefix.js'

export const ROUTE_TYPES: ReadonlySet<string> = new Set<RouteType>([
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
])
export const isRouteType = (word: string): word is RouteType => ROUTE_TYPES.has(word)

/**
 * Table id of a number or a name. Names of /etc/iproute2/rt_tables are not in a snapshot, so any other name gets a
 * number of its own above all that the file can hold in practice; `ip rule` and `ip route` agree on it.
 */
export function tableId(word: string): number | undefined {
  if (word === 'main') return TABLE_MAIN
  if (word === 'local') return TABLE_LOCAL
  if (word === 'default') return TABLE_DEFAULT
  if (word === 'unspec' || word === 'all') return 0
  if (/^(\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(word))
    return Number(word) <= 0xffffffff ? Number(word) : undefined
  let hash = 0x811c9dc5
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
  return 0x80000000 + ((hash >>> 0) & 0x7fffffff)
}

/** The destination of a route: `default`, a prefix, or as `ip -4` may shorten it, `10.1/16`. */
export function destinationOf(word: string, family: Family): Prefix | undefined {
  if (word === 'default' || word === 'all' || word === 'any') return { base: anyIp(family), length: 0 }
  const prefix = parsePrefix(word)
  if (prefix) return prefix
  const short = /^(\d+(?:\.\d+){0,2})\/(\d+)$/.exec(word)
  return short
    ? parsePrefix(`${short[1]}${'.0'.repeat(4 - short[1]!.split('.').length)}/${short[2]}`)
    : undefined
}

/** A route while it is read. */
export interface RouteDraft {
  type: RouteType
  prefix: Prefix
  family: Family
  table?: number
  tableName?: string
  nexthops: Nexthop[]
  src?: Route['src']
  metric?: number
  scope?: Route['scope']
  proto?: string
  /** Nexthops that the kernel marks as dead are not used. */
  dead: boolean
  /** As written, where it was text. */
  text?: string
  line?: number
}

export const routeScope = (word: string | undefined): Route['scope'] =>
  word === 'link' || word === 'host' || word === 'nowhere' ? word : 'global'

/** The finished route, its text as `ip route show table all` prints it. Undefined where every nexthop is dead. */
export function finishRoute(draft: RouteDraft): Route | undefined {
  if (draft.dead && draft.nexthops.length === 0) return undefined
  const route = {
    family: draft.family,
    prefix: draft.prefix,
    type: draft.type,
    table: draft.table ?? TABLE_MAIN,
    nexthops: draft.nexthops,
    ...(draft.src ? { src: draft.src } : {}),
    metric: draft.metric ?? 0,
    scope: draft.scope ?? 'global',
    ...(draft.proto === undefined ? {} : { proto: draft.proto }),
    ...(draft.line === undefined ? {} : { line: draft.line }),
  }
  return { ...route, text: draft.text ?? routeText(route, draft.tableName) }
}

/** One line for a route, in the words and order of `ip route`. */
export function routeText(route: Omit<Route, 'text'>, tableName?: string): string {
  const words: string[] = []
  if (route.type !== 'unicast') words.push(route.type)
  const { base, length } = route.prefix
  if (length === 0) words.push('default')
  else words.push(length === widthOf(route.family) ? base : `${base}/${length}`)
  const single = route.nexthops.length === 1 ? route.nexthops[0] : undefined
  if (single) words.push(...hopWords(single, route.family))
  if (route.table !== TABLE_MAIN) {
    const known = { [TABLE_LOCAL]: 'local', [TABLE_DEFAULT]: 'default' }[route.table]
    words.push('table', tableName ?? known ?? String(route.table))
  }
  if (route.proto !== undefined) words.push('proto', route.proto)
  if (route.scope !== 'global') words.push('scope', route.scope)
  if (route.src !== undefined) words.push('src', route.src)
  if (route.metric !== 0 || (route.family === 'ipv6' && route.type === 'local'))
    words.push('metric', String(route.metric))
  if (single?.onlink) words.push('onlink')
  if (route.nexthops.length > 1)
    for (const hop of route.nexthops) {
      words.push('nexthop', ...hopWords(hop, route.family), 'weight', String(hop.weight))
      if (hop.onlink) words.push('onlink')
    }
  return words.join(' ')
}

function hopWords(hop: Nexthop, family: Family): string[] {
  const words: string[] = []
  if (hop.via !== undefined) {
    const other = hop.via.includes(':') !== (family === 'ipv6')
    words.push('via', ...(other ? [family === 'ipv4' ? 'inet6' : 'inet'] : []), hop.via)
  }
  if (hop.dev !== undefined) words.push('dev', hop.dev)
  return words
}
