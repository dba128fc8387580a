import type { Nexthop } from '../model/route.js'
import { type Family, familyOf, parseIp } from '../values/ip.js'
import type { RoutesRead } from './ip-route.js'
import { type JsonObject, readJsonList } from './json.js'
import {
  type RouteDraft,
  destinationOf,
  finishRoute,
  isRouteType,
  routeScope,
  tableId,
} from './route-draft.js'

/** Reads `ip -j route show table all`. */
export function parseIpRouteJson(text: string, file: string, family: Family): RoutesRead {
  const list = readJsonList(text, file)
  const problems = [...list.problems]
  const routes = list.items.flatMap(item => {
    const draft = readRoute(item, family)
    if (typeof draft === 'string') {
      problems.push(list.about(item.text('dst') ?? 'dst', draft))
      return []
    }
    return finishRoute(draft) ?? []
  })
  return { routes, problems }
}

function readRoute(item: JsonObject, family: Family): RouteDraft | string {
  const destination = item.text('dst') ?? ''
  const prefix = destinationOf(destination, familyOfRoute(item, family))
  if (!prefix) return 'a route whose `dst` is no prefix'
  const type = item.text('type') ?? 'unicast'
  if (!isRouteType(type)) return `a route of unknown type ${type}`
  const tableName = item.text('table') ?? 'main'
  const table = tableId(tableName)
  if (table === undefined) return `not a routing table: ${tableName}`
  const draft: RouteDraft = {
    type,
    prefix,
    family: familyOf(prefix.base),
    table,
    tableName,
    nexthops: [],
    dead: false,
  }
  const hops = item.objects('nexthops')
  for (const hop of hops.length > 0 ? hops : [item]) {
    const read = readHop(hop)
    if (read === 'dead') draft.dead = true
    else if (read) draft.nexthops.push(read)
  }
  const [src, metric, proto] = [
    parseIp(item.text('prefsrc') ?? ''),
    item.number('metric'),
    item.text('protocol'),
  ]
  if (src) draft.src = src
  if (metric !== undefined) draft.metric = metric
  if (item.has('scope')) draft.scope = routeScope(item.text('scope'))
  if (proto !== undefined) draft.proto = proto
  return draft
}

function familyOfRoute(item: JsonObject, otherwise: Family): Family {
  if (item.has('via')) return 'ipv4'
  const address = item.text('gateway') ?? item.text('prefsrc') ?? item.objects('nexthops')[0]?.text('gateway')
  if (address !== undefined) return address.includes(':') ? 'ipv6' : 'ipv4'
  return item.has('pref') ? 'ipv6' : otherwise
}

function readHop(item: JsonObject): Nexthop | 'dead' | undefined {
  const flags = item.texts('flags')
  if (flags.includes('dead')) return 'dead'
  const via = parseIp(item.text('gateway') ?? item.object('via')?.text('host') ?? '')
  const dev = item.text('dev')
  if (!via && dev === undefined) return undefined
  return {
    ...(via ? { via } : {}),
    ...(dev === undefined ? {} : { dev }),
    weight: item.number('weight') ?? 1,
    onlink: flags.includes('onlink'),
  }
}
