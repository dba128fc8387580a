import type { Problem } from '../model/place.js'
import type { Nexthop, Route } from '../model/route.js'
import { type Family, type Ip, familyOf, parseIp } from '../values/ip.js'
import { parseIpRouteJson } from './ip-route-json.js'
import { type Line, Words, decimal, lineProblem, linesOf, unsigned } from './lines.js'
import {
  type RouteDraft,
  destinationOf,
  finishRoute,
  isRouteType,
  routeScope,
  tableId,
} from './route-draft.js'

export interface RoutesRead {
  readonly routes: readonly Route[]
  readonly problems: readonly Problem[]
}

/**
 * Reads `ip route show table all` (v4 and v6 mixed, as it prints them), `ip -6 route`, or the same with `-j`.
 * @param family of a line that does not tell by itself, such as `default dev tun0`
 */
export function parseIpRoute(text: string, file: string, family: Family = 'ipv4'): RoutesRead {
  if (/^\s*\[/.test(text)) return parseIpRouteJson(text, file, family)
  const problems: Problem[] = []
  const drafts: RouteDraft[] = []
  let current: RouteDraft | undefined
  for (const line of linesOf(text, problems)) {
    if (/^\s/.test(line.text)) {
      if (!current) problems.push(lineProblem(line, file, 'a nexthop without the route that it belongs to'))
      else if (readWords(current, new Words(line, file), problems)) current.text += ` ${tidy(line)}`
      continue
    }
    current = readRoute(line, file, family, problems)
    if (current) drafts.push(current)
  }
  return { routes: drafts.flatMap(draft => finishRoute(draft) ?? []), problems }
}

const tidy = (line: Line): string => line.text.trim().replace(/[\s\\]+/g, ' ')

function readRoute(line: Line, file: string, family: Family, problems: Problem[]): RouteDraft | undefined {
  const words = new Words(line, file)
  const first = words.peek() ?? ''
  const type = isRouteType(first) ? first : 'unicast'
  if (isRouteType(first)) words.take()
  const destination = words.take() ?? ''
  const prefix = destinationOf(destination, familyOfRoute(line.text, destination, family))
  if (!prefix) {
    problems.push(words.problem('not a route: expected `[TYPE] PREFIX …`, as `ip route` prints it'))
    return undefined
  }
  const draft: RouteDraft = {
    type,
    prefix,
    family: familyOf(prefix.base),
    nexthops: [],
    dead: false,
    text: tidy(line),
    line: line.number,
  }
  return readWords(draft, words, problems) ? draft : undefined
}

/** A default route tells its family by its gateway or source, or by `pref`, which only IPv6 has. */
function familyOfRoute(text: string, destination: string, otherwise: Family): Family {
  if (destination !== 'default') return otherwise
  if (/\bvia inet6\b/.test(text)) return 'ipv4'
  const address = /\b(?:via|src) ([0-9a-fA-F:.]+)/.exec(text)?.[1]
  if (address !== undefined) return address.includes(':') ? 'ipv6' : 'ipv4'
  return /\bpref (low|medium|high)\b/.test(text) ? 'ipv6' : otherwise
}

interface HopDraft {
  via?: Ip
  dev?: string
  weight: number
  onlink: boolean
  dead: boolean
}

/** Words of no meaning here that are followed by one value. */
const WITH_VALUE = new Set(
  (
    'mtu advmss hoplimit initcwnd initrwnd window rtt rttvar rto_min ssthresh cwnd reordering realm realms pref error ' +
    'expires tos dsfield nhid congctl quickack features fastopen_no_cookie users age used ipid from nh_info ttl-propagate mpls'
  ).split(' '),
)

/** Reads the rest of a route or a nexthop line into it; false if a word that matters is no good. */
function readWords(draft: RouteDraft, words: Words, problems: Problem[]): boolean {
  let hop: HopDraft = { weight: 1, onlink: false, dead: false }
  let isHop = false
  const bad = (message: string): false => {
    problems.push(words.problem(message))
    return false
  }
  const keep = () => {
    if (hop.dead) draft.dead = true
    else if (hop.via !== undefined || hop.dev !== undefined) draft.nexthops.push(nexthop(hop))
  }
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word === 'nexthop') {
      keep()
      hop = { weight: 1, onlink: false, dead: false }
      isHop = true
    } else if (word === 'via') {
      if (words.peek() === 'inet6' || words.peek() === 'inet') words.take()
      const via = parseIp(words.take() ?? '')
      if (!via) return bad('not the address of a gateway')
      hop.via = via
    } else if (word === 'dev') {
      const dev = words.take()
      if (dev === undefined) return bad('the name of a device is missing')
      hop.dev = dev
    } else if (word === 'weight') hop.weight = decimal(words.take()) ?? 1
    else if (word === 'onlink') hop.onlink = true
    else if (word === 'dead') hop.dead = true
    else if (isHop && WITH_VALUE.has(word)) words.take()
    else if (word === 'table') {
      const name = words.take() ?? ''
      const table = tableId(name)
      if (table === undefined || name === '') return bad('not a routing table')
      draft.table = table
      draft.tableName = name
    } else if (word === 'metric' || word === 'preference' || word === 'priority') {
      const metric = unsigned(words.take())
      if (metric === undefined) return bad('not a metric')
      draft.metric = metric
    } else if (word === 'src') {
      const src = parseIp(words.take() ?? '')
      if (!src) return bad('not a source address')
      draft.src = src
    } else if (word === 'scope') draft.scope = routeScope(words.take())
    else if (word === 'proto' || word === 'protocol') draft.proto = words.take() ?? ''
    else if (WITH_VALUE.has(word)) {
      if (words.peek() === 'lock') words.take()
      words.take()
    }
  }
  keep()
  return true
}

const nexthop = ({ via, dev, weight, onlink }: HopDraft): Nexthop => ({
  ...(via === undefined ? {} : { via }),
  ...(dev === undefined ? {} : { dev }),
  weight,
  onlink,
})
