import type { Iface, InterfaceAddress } from '../model/iface.js'
import { type PolicyRule, type Route, TABLE_DEFAULT, TABLE_LOCAL, TABLE_MAIN } from '../model/route.js'
import { routeText } from '../parse/route-draft.js'
import { type Bits, type Family, type Ip, formatIp, ip, ipBits, widthOf } from '../values/ip.js'
import { type Prefix, maskBits, networkOf } from '../values/prefix.js'

const finish = (route: Omit<Route, 'text'>): Route => ({ ...route, text: routeText(route) })
const hop = (dev: string) => [{ dev, weight: 1, onlink: false }]

/**
 * The routes of the local table that the kernel makes for addresses: fib_add_ifaddr() (net/ipv4/fib_frontend.c),
 * ipv6_ifa_notify() and addrconf_add_mroute() (net/ipv6/addrconf.c). A device that is down has its own address all the same.
 */
export function localRoutes(ifaces: readonly Iface[], family: Family): Route[] {
  const routes: Route[] = []
  const common = { family, table: TABLE_LOCAL, proto: 'kernel', metric: 0 } as const
  for (const { iface, address } of addressesOf(ifaces, family)) {
    const nexthops = hop(iface.name)
    const own = { base: address.address, length: widthOf(family) }
    if (family === 'ipv6') {
      if (iface.up) routes.push(finish({ ...common, prefix: own, type: 'local', nexthops, scope: 'global' }))
      continue
    }
    const src = address.address
    const local = { ...common, type: 'local', nexthops, scope: 'host', src } as const
    if (iface.kind === 'loopback' && address.prefixLength < 32)
      routes.push(finish({ ...local, prefix: network(address) }))
    routes.push(finish({ ...local, prefix: own }))
    const last = iface.up && address.prefixLength < 31 ? broadcast(address) : undefined
    if (last !== undefined && address.peer === undefined && !address.secondary)
      routes.push(
        finish({
          ...common,
          type: 'broadcast',
          prefix: { base: last, length: 32 },
          nexthops,
          scope: 'link',
          src,
        }),
      )
  }
  if (family === 'ipv6')
    for (const iface of ifaces)
      if (iface.up && iface.kind !== 'loopback' && iface.addresses.some(a => a.family === 'ipv6'))
        routes.push(
          finish({
            ...common,
            type: 'multicast',
            prefix: { base: ip('ff00::'), length: 8 },
            nexthops: hop(iface.name),
            scope: 'global',
            metric: 256,
          }),
        )
  return routes
}

/** The connected routes of the main table: one for each network that an address of an up device lies in. */
export function connectedRoutes(ifaces: readonly Iface[], family: Family): Route[] {
  const routes: Route[] = []
  for (const { iface, address } of addressesOf(ifaces, family)) {
    if (!iface.up || iface.kind === 'loopback' || address.secondary) continue
    if (address.peer === undefined && address.prefixLength === widthOf(family)) continue
    const common = {
      family,
      type: 'unicast',
      table: TABLE_MAIN,
      proto: 'kernel',
      nexthops: hop(iface.name),
    } as const
    const prefix = address.peer ? { base: address.peer, length: address.prefixLength } : network(address)
    if (family === 'ipv4')
      routes.push(finish({ ...common, prefix, scope: 'link', src: address.address, metric: 0 }))
    else routes.push(finish({ ...common, prefix, scope: 'global', metric: 256 }))
  }
  return routes
}

/** A default route by a gateway. */
export const defaultRoute = (gateway: Ip, dev: string, family: Family): Route =>
  finish({
    family,
    type: 'unicast',
    table: TABLE_MAIN,
    prefix: { base: ip(family === 'ipv4' ? '0.0.0.0' : '::'), length: 0 },
    nexthops: [{ via: gateway, dev, weight: 1, onlink: false }],
    scope: 'global',
    metric: family === 'ipv4' ? 0 : 1024,
  })

/** fib_default_rules_init() (net/ipv4/fib_rules.c), fib6_rules_net_init(): what a new namespace starts with. */
export function defaultRules(family: Family): PolicyRule[] {
  const rule = (priority: number, table: number, name: string): PolicyRule => ({
    family,
    priority,
    not: false,
    action: 'lookup',
    table,
    text: `${priority}: from all lookup ${name}`,
  })
  const rules = [rule(0, TABLE_LOCAL, 'local'), rule(32766, TABLE_MAIN, 'main')]
  return family === 'ipv4' ? [...rules, rule(32767, TABLE_DEFAULT, 'default')] : rules
}

const addressesOf = (ifaces: readonly Iface[], family: Family) =>
  ifaces.flatMap(iface =>
    iface.addresses.filter(a => a.family === family).map(address => ({ iface, address })),
  )

function network(address: InterfaceAddress): Prefix {
  const prefix = { base: address.address, length: address.prefixLength }
  return { ...prefix, base: networkOf(prefix) }
}

function broadcast(address: InterfaceAddress): Ip {
  const mask: Bits = maskBits('ipv4', address.prefixLength)
  return formatIp(ipBits(address.address).map((w, i) => (w | ~mask[i]!) >>> 0))
}
