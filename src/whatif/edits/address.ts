import type { InterfaceAddress } from '../../model/iface.js'
import type { Route } from '../../model/route.js'
import type { Netns } from '../../model/snapshot.js'
import { inputError, type InputError } from '../../parse/problems.js'
import { connectedRoutes, localRoutes } from '../../snapshot/derive-routes.js'
import { familyOf, widthOf } from '../../values/ip.js'
import { parseMac } from '../../values/mac.js'
import { parseIp } from '../../values/ip.js'
import { parsePrefix } from '../../values/prefix.js'
import type { Command } from '../edit.js'
import { deviceIndex } from './link.js'

const bad = (message: string): InputError => inputError('ip', message)
const after = (words: readonly string[], key: string): string | undefined =>
  words.includes(key) ? words[words.indexOf(key) + 1] : undefined

/** `ip addr add|del ADDRESS/LENGTH dev X`, with the routes that the kernel makes for it. @throws InputError */
export function addressCommand(action: string, words: readonly string[]): Command {
  const text = words[0] ?? ''
  const prefix = parsePrefix(text)
  const dev = after(words, 'dev')
  if (!prefix || dev === undefined) throw bad('ip addr: expected ADDRESS/LENGTH dev NAME')
  const family = familyOf(prefix.base)
  const length = text.includes('/') ? prefix.length : widthOf(family)
  const add = action === 'add' || action === 'replace'
  if (!add && action !== 'del' && action !== 'delete') throw bad(`ip addr ${action} is not understood`)
  return netns => {
    const at = deviceIndex(netns, dev)
    const iface = netns.ifaces[at]!
    const has = iface.addresses.find(a => a.address === prefix.base)
    if (add === (has !== undefined))
      throw bad(`${dev} in ${netns.name} ${add ? 'has the address' : 'has no address'} ${prefix.base}`)
    const fresh: InterfaceAddress = {
      address: prefix.base,
      family,
      prefixLength: length,
      scope: 'global',
      secondary: false,
    }
    const addresses = add ? [...iface.addresses, fresh] : iface.addresses.filter(a => a !== has)
    const ifaces = netns.ifaces.map((other, i) => (i === at ? { ...other, addresses } : other))
    const back = `ip addr ${add ? 'del' : 'add'} ${prefix.base}/${has?.prefixLength ?? length} dev ${dev}`
    return {
      changes: [
        { path: ['ifaces', at, 'addresses'], value: addresses },
        { path: ['routes'], value: routesAfter(netns, ifaces, family) },
      ],
      undo: [back],
    }
  }
}

const slot = (r: Route): string =>
  `${r.table} ${r.type} ${r.prefix.base}/${r.prefix.length} ${r.nexthops.map(h => h.dev).join()}`

/** Routes that go with the old addresses alone go; those that only the new ones have come. */
function routesAfter(netns: Netns, ifaces: Netns['ifaces'], family: Route['family']): Route[] {
  const derived = (of: Netns['ifaces']) => [...localRoutes(of, family), ...connectedRoutes(of, family)]
  const before = new Set(derived(netns.ifaces).map(slot))
  const now = derived(ifaces)
  const wanted = new Set(now.map(slot))
  const kept = netns.routes.filter(r => !before.has(slot(r)) || wanted.has(slot(r)))
  const present = new Set(kept.map(slot))
  return [...kept, ...now.filter(r => !before.has(slot(r)) && !present.has(slot(r)))]
}

/** `ip neigh add|replace|del ADDRESS [lladdr MAC] dev X`. @throws InputError */
export function neighbourCommand(action: string, words: readonly string[]): Command {
  const address = parseIp(words[0] ?? '')
  const dev = after(words, 'dev')
  const written = after(words, 'lladdr')
  const mac = written === undefined ? undefined : parseMac(written)
  if (!address || dev === undefined) throw bad('ip neigh: expected ADDRESS dev NAME')
  if (written !== undefined && !mac) throw bad(`ip neigh: ${written.slice(0, 40)} is no MAC address`)
  return netns => {
    deviceIndex(netns, dev)
    const old = netns.neighbours.find(n => n.address === address && n.dev === dev)
    const rest = netns.neighbours.filter(n => n !== old)
    const undo = old
      ? `ip neigh replace ${address}${old.mac ? ` lladdr ${old.mac}` : ''} dev ${dev} nud ${old.state.toLowerCase()}`
      : `ip neigh del ${address} dev ${dev}`
    if (action === 'del' || action === 'delete') {
      if (!old) throw bad(`${netns.name} has no neighbour ${address} on ${dev}`)
      return { changes: [{ path: ['neighbours'], value: rest }], undo: [undo] }
    }
    if (!mac) throw bad('ip neigh: lladdr MAC is missing')
    const state = (after(words, 'nud') ?? 'permanent').toUpperCase()
    const entry = { family: familyOf(address), address, dev, mac, state, proxy: false }
    return { changes: [{ path: ['neighbours'], value: [...rest, entry] }], undo: [undo] }
  }
}

/** `bridge fdb add|append|replace|del MAC dev X dst ADDRESS`. @throws InputError */
export function fdbCommand(words: readonly string[]): Command {
  const [action, written = '', ...rest] = words
  const mac = parseMac(written)
  const dev = after(rest, 'dev')
  const to = after(rest, 'dst')
  const dst = to === undefined ? undefined : parseIp(to)
  if (!mac || dev === undefined || (to !== undefined && !dst))
    throw bad('bridge fdb: expected MAC dev NAME dst ADDRESS')
  if (!['add', 'append', 'replace', 'del', 'delete'].includes(action ?? ''))
    throw bad(`bridge fdb ${action} is not understood`)
  return netns => {
    deviceIndex(netns, dev)
    const is = (e: Netns['fdb'][number]) => e.mac === mac && e.dev === dev
    const old = netns.fdb.filter(is)
    const line = (e: Netns['fdb'][number]) =>
      `bridge fdb append ${e.mac} dev ${e.dev}${e.dst === undefined ? '' : ` dst ${e.dst}`}`
    if (action === 'del' || action === 'delete') {
      const gone = old.filter(e => dst === undefined || e.dst === dst)
      if (gone.length === 0) throw bad(`${netns.name} has no forwarding entry for ${mac} on ${dev}`)
      return {
        changes: [{ path: ['fdb'], value: netns.fdb.filter(e => !gone.includes(e)) }],
        undo: gone.map(line),
      }
    }
    const entry = { mac, dev, ...(dst ? { dst } : {}), permanent: true, self: true }
    const kept = action === 'append' ? netns.fdb : netns.fdb.filter(e => !is(e))
    return {
      changes: [{ path: ['fdb'], value: [...kept, entry] }],
      undo: [
        `bridge fdb del ${mac} dev ${dev}${dst ? ` dst ${dst}` : ''}`,
        ...(action === 'append' ? [] : old.map(line)),
      ],
    }
  }
}
