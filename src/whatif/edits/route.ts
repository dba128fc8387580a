import type { Route } from '../../model/route.js'
import { TABLE_LOCAL } from '../../model/route.js'
import type { Netns } from '../../model/snapshot.js'
import { parseIpRoute } from '../../parse/ip-route.js'
import { parseIpRule } from '../../parse/ip-rule.js'
import { inputError, type InputError } from '../../parse/problems.js'
import { routeText } from '../../parse/route-draft.js'
import { failed } from '../../routing/fib.js'
import { familyOf, type Family } from '../../values/ip.js'
import { networkOf } from '../../values/prefix.js'
import { Space } from '../../world/space.js'
import type { Command } from '../edit.js'

const bad = (message: string): InputError => inputError('ip', message)

/** `ip route add|append|replace|change|del ROUTE`. @throws InputError */
export function routeCommand(action: string, words: readonly string[], family: Family): Command {
  const { routes, problems } = parseIpRoute(words.join(' '), 'ip route', family)
  const [given] = routes
  const wrong = problems.find(p => p.severity === 'error')
  if (wrong || !given) throw bad(`ip route: ${wrong?.message ?? 'no route was given'}`)
  const six = given.family === 'ipv6' ? '-6 ' : ''
  const says = (verb: string, route: Route) => `ip ${six}route ${verb} ${plainText(route)}`
  const named = { table: words.includes('table'), metric: words.includes('metric') }
  return netns => {
    if (action === 'del' || action === 'delete') {
      const at = netns.routes.findIndex(route => isMeant(route, given, named, words))
      if (at < 0) throw bad(`${netns.name} has no route ${words.join(' ')}`)
      const old = netns.routes[at]!
      return {
        changes: [{ path: ['routes'], value: netns.routes.filter((_, i) => i !== at) }],
        undo: [says('add', old)],
      }
    }
    const route = completed(given, netns)
    const at = netns.routes.findIndex(old => sameSlot(old, route))
    if (action === 'append' || at < 0) {
      if (action === 'change') throw bad(`${netns.name} has no route to change for ${words.join(' ')}`)
      return { changes: [{ path: ['routes'], value: [...netns.routes, route] }], undo: [says('del', route)] }
    }
    const old = netns.routes[at]!
    if (action === 'add') throw bad(`${netns.name} has such a route already: ${old.text.trim()}`)
    return {
      changes: [{ path: ['routes'], value: netns.routes.map((r, i) => (i === at ? route : r)) }],
      undo: [says('replace', old)],
    }
  }
}

/** Text that `ip route add` takes back: without words that only a listing has. */
const plainText = (route: Route): string => {
  const { text: _, line: __, ...rest } = route
  return routeText(rest)
}

const samePrefix = (a: Route, b: Route): boolean =>
  a.family === b.family && a.prefix.length === b.prefix.length && networkOf(a.prefix) === networkOf(b.prefix)

const sameSlot = (a: Route, b: Route): boolean =>
  samePrefix(a, b) && a.table === b.table && a.metric === b.metric

function isMeant(
  route: Route,
  given: Route,
  named: { readonly table: boolean; readonly metric: boolean },
  words: readonly string[],
): boolean {
  if (!samePrefix(route, given)) return false
  if (named.table ? route.table !== given.table : route.table !== given.table || route.table === TABLE_LOCAL)
    return false
  if (named.metric && route.metric !== given.metric) return false
  if (given.type !== 'unicast' && route.type !== given.type) return false
  if (words.includes('src') && route.src !== given.src) return false
  return given.nexthops.every(hop =>
    route.nexthops.some(
      h => (hop.via === undefined || h.via === hop.via) && (hop.dev === undefined || h.dev === hop.dev),
    ),
  )
}

/** What the kernel adds by itself: the device of a gateway, the scope, the protocol. */
function completed(given: Route, netns: Netns): Route {
  const space = Space.of(netns)
  const nexthops = given.nexthops.map(hop => {
    if (hop.dev !== undefined && !space.iface(hop.dev)) throw bad(`${netns.name} has no device ${hop.dev}`)
    if (hop.dev !== undefined || hop.via === undefined) return hop
    const found = space.fib(familyOf(hop.via)).lookup({ dst: hop.via, mark: 0 })
    const dev = failed(found) || found.route.type !== 'unicast' ? undefined : found.nexthop?.dev
    if (dev === undefined) throw bad(`${netns.name} has no way to the gateway ${hop.via}`)
    return { ...hop, dev }
  })
  const onLink = given.type === 'unicast' && nexthops.every(hop => hop.via === undefined)
  const { text: _, line: __, ...rest } = given
  const route = {
    ...rest,
    nexthops,
    scope: given.scope === 'global' && onLink && given.family === 'ipv4' ? ('link' as const) : given.scope,
  }
  return { ...route, text: routeText(route) }
}

/** `ip rule add|del SELECTOR ACTION [pref N]`. @throws InputError */
export function policyCommand(action: string, words: readonly string[], family: Family): Command {
  const rest = [...words]
  const prefAt = rest.findIndex(word => ['pref', 'priority', 'preference', 'order'].includes(word))
  const [, pref] = prefAt < 0 ? [] : rest.splice(prefAt, 2)
  const selector = rest.includes('from') ? rest : ['from', 'all', ...rest]
  const text = selector.map(word => (word === 'table' ? 'lookup' : word)).join(' ')
  const six = family === 'ipv6' ? '-6 ' : ''
  return netns => {
    const free = Math.max(
      0,
      Math.min(32766, ...netns.rules.filter(r => r.priority > 0).map(r => r.priority)) - 1,
    )
    const { rules, problems } = parseIpRule(`${pref ?? free}: ${text}\n`, 'ip rule', family)
    const [rule] = rules
    const wrong = problems.find(p => p.severity === 'error')
    if (wrong || !rule) throw bad(`ip rule: ${wrong?.message ?? 'no rule was given'}`)
    const body = (line: string) => line.replace(/^\s*\d+:\s*/, '').trim()
    if (action === 'add') {
      const last = netns.rules.findLastIndex(r => r.family === family && r.priority <= rule.priority)
      const sorted = netns.rules.toSpliced(last + 1, 0, rule)
      return {
        changes: [{ path: ['rules'], value: sorted }],
        undo: [`ip ${six}rule del ${body(rule.text)} pref ${rule.priority}`],
      }
    }
    const at = netns.rules.findIndex(
      r =>
        r.family === family &&
        (pref === undefined || r.priority === rule.priority) &&
        (rest.length === 0 || body(r.text) === body(rule.text)),
    )
    if (at < 0) throw bad(`${netns.name} has no such rule: ${words.join(' ')}`)
    const old = netns.rules[at]!
    return {
      changes: [{ path: ['rules'], value: netns.rules.filter((_, i) => i !== at) }],
      undo: [`ip ${six}rule add ${body(old.text)} pref ${old.priority}`],
    }
  }
}
