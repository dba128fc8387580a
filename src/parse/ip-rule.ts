import type { Problem } from '../model/place.js'
import type { PolicyRule } from '../model/route.js'
import { type Family, anyIp, familyOf } from '../values/ip.js'
import { type Prefix, parsePrefix } from '../values/prefix.js'
import { parseProto } from '../values/proto.js'
import { type JsonObject, readJsonList } from './json.js'
import { type Line, Words, decimal, linesOf, portNumber, unsigned } from './lines.js'
import { tableId } from './route-draft.js'

export interface RulesRead {
  readonly rules: readonly PolicyRule[]
  readonly problems: readonly Problem[]
}

/** Reads `ip rule` (or `ip -6 rule`), text or `-j`. */
export function parseIpRule(text: string, file: string, family: Family = 'ipv4'): RulesRead {
  const rules: PolicyRule[] = []
  const problems: Problem[] = []
  const keep = (rule: PolicyRule | undefined) => {
    if (rule) rules.push(rule)
  }
  if (/^\s*\[/.test(text)) {
    const list = readJsonList(text, file)
    problems.push(...list.problems)
    for (const item of list.items) {
      // one reader for both: the JSON says in other words what the text says
      const line = { text: textOf(item), number: 0 }
      const found: Problem[] = []
      keep(readRule(line, file, family, found))
      for (const p of found) problems.push(list.about('priority', `${p.message} (${line.text})`, p.severity))
    }
  } else for (const line of linesOf(text, problems)) keep(readRule(line, file, family, problems))
  // the kernel keeps them by priority; a hand-made list may not
  return {
    rules: rules
      .map((r, i) => [r, i] as const)
      .sort(byPriority)
      .map(([r]) => r),
    problems,
  }
}

const byPriority = (a: readonly [PolicyRule, number], b: readonly [PolicyRule, number]): number =>
  a[0].priority - b[0].priority || a[1] - b[1]

function textOf(item: JsonObject): string {
  const words = [`${item.text('priority') ?? ''}:`]
  const add = (word: string, value: string | undefined) => {
    if (value !== undefined) words.push(word, value)
  }
  const prefix = (key: string) => {
    const [base, length] = [item.text(key), item.text(`${key}len`)]
    return base === undefined || length === undefined ? base : `${base}/${length}`
  }
  const range = (key: string) =>
    item.text(key) ??
    (item.has(`${key}_start`) ? `${item.text(`${key}_start`)}-${item.text(`${key}_end`)}` : undefined)
  if (item.has('not')) words.push('not')
  add('from', prefix('src'))
  add('to', prefix('dst'))
  add('tos', item.text('tos'))
  const mark = item.text('fwmark')
  add('fwmark', item.has('fwmask') ? `${mark}/${item.text('fwmask')}` : mark)
  add('iif', item.text('iif'))
  add('oif', item.text('oif'))
  if (item.has('uid_start')) add('uidrange', `${item.text('uid_start')}-${item.text('uid_end')}`)
  add('ipproto', item.text('ipproto'))
  add('sport', range('sport'))
  add('dport', range('dport'))
  if (item.has('l3mdev')) words.push('lookup', '[l3mdev-table]')
  add('lookup', item.text('table'))
  add('suppress_prefixlength', item.text('suppress_prefixlen'))
  add('goto', item.text('goto'))
  const action = item.text('action')
  if (action !== undefined) words.push(action)
  return words.join(' ')
}

type Draft = { -readonly [K in keyof PolicyRule]: PolicyRule[K] }

function readRule(line: Line, file: string, family: Family, problems: Problem[]): PolicyRule | undefined {
  const words = new Words(line, file)
  const priority = unsigned(/^(\d+):$/.exec(words.take() ?? '')?.[1])
  const bad = (message: string, severity: Problem['severity'] = 'error'): undefined => {
    problems.push(words.problem(message, severity))
    return undefined
  }
  if (priority === undefined) return bad('not a policy rule: expected `PRIORITY: from … lookup TABLE`')
  const rule: Draft = {
    family,
    priority,
    not: false,
    action: 'nop',
    text: line.text.trim().replace(/\s+/g, ' '),
  }
  if (line.number > 0) rule.line = line.number
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word === 'not') rule.not = true
    else if (word === 'from' || word === 'to') {
      const prefix = prefixOf(words.take() ?? '', family)
      if (!prefix) return bad('not a prefix')
      if (prefix === 'all') continue
      rule.family = familyOf(prefix.base)
      rule[word] = prefix
    } else if (word === 'iif' || word === 'oif') {
      const dev = words.take()
      if (dev === undefined) return bad('the name of a device is missing')
      rule[word] = dev
    } else if (word === 'fwmark') {
      const [value, mask] = (words.take() ?? '').split('/').map(unsigned)
      if (value === undefined) return bad('not a mark')
      rule.fwmark = { value, mask: mask ?? 0xffffffff }
    } else if (word === 'tos' || word === 'dsfield') {
      const tos = unsigned(/^0x/.test(words.peek() ?? '') ? words.take() : `0x${words.take()}`)
      if (tos === undefined || tos > 255) return bad('not a TOS value')
      rule.tos = tos
    } else if (word === 'ipproto') {
      const proto = parseProto(words.take() ?? '')
      if (proto === undefined) return bad('not a protocol')
      rule.ipproto = proto
    } else if (word === 'sport' || word === 'dport') {
      const [from, to] = (words.take() ?? '').split('-').map(portNumber)
      if (from === undefined) return bad('not a port or range of ports')
      rule[word] = { from, to: to ?? from }
    } else if (word === 'lookup' || word === 'table') {
      const name = words.take() ?? ''
      if (name === '[l3mdev-table]')
        return bad('rules of VRF devices (l3mdev) are not modelled; left out', 'warning')
      const table = tableId(name)
      if (table === undefined || name === '') return bad('not a routing table')
      rule.action = 'lookup'
      rule.table = table
    } else if (word === 'goto') {
      const target = decimal(words.take())
      if (target === undefined) return bad('not a priority')
      rule.action = 'goto'
      rule.goto = target
    } else if (word === 'suppress_prefixlength' || word === 'suppress_prefixlen') {
      const length = decimal(words.take())
      if (length !== undefined) rule.suppressPrefixLength = length
    } else if (word === 'uidrange')
      return bad('rules for users (uidrange) are not modelled; left out', 'warning')
    else if (word === 'unreachable' || word === 'blackhole' || word === 'prohibit' || word === 'nop')
      rule.action = word
    else if (word === 'suppress_ifgroup' || word === 'realms' || word === 'proto' || word === 'protocol')
      words.take()
  }
  return rule
}

function prefixOf(word: string, family: Family): Prefix | 'all' | undefined {
  if (word === 'all' || word === 'any' || word === 'default') return 'all'
  return word === '0/0' ? { base: anyIp(family), length: 0 } : parsePrefix(word)
}
