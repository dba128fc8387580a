import type { Iface, InterfaceAddress } from '../model/iface.js'
import { type Ip, familyOf } from '../values/ip.js'
import { type Mac, parseMac } from '../values/mac.js'
import { connectedRoutes, defaultRoute, localRoutes } from './derive-routes.js'
import type { NetnsDraft } from './read-netns.js'

/** What the kernel makes of the addresses, and a default route by each gateway. */
export function addRoutes(netns: NetnsDraft, gateways: readonly InterfaceAddress[]): void {
  const made = (['ipv4', 'ipv6'] as const).flatMap(f => [
    ...connectedRoutes(netns.ifaces, f),
    ...localRoutes(netns.ifaces, f),
  ])
  netns.routes = [...gateways.map(g => defaultRoute(g.address, 'eth0', g.family)), ...made]
}

/** A locally administered address with this number at its end. */
export const mac = (n: number): Mac =>
  parseMac(`02:00:00:${hexByte(n >> 16)}:${hexByte((n >> 8) & 255)}:${hexByte(n & 255)}`)!
const hexByte = (n: number): string => n.toString(16).padStart(2, '0')

/** An address as `ip addr add` makes it. */
export const at = (address: Ip, prefixLength: number): InterfaceAddress => ({
  address,
  family: familyOf(address),
  prefixLength,
  scope: 'global',
  secondary: false,
})

/** A device that is up and belongs to nothing yet. */
export const device = (
  name: string,
  index: number,
  kind: Iface['kind'],
  addresses: readonly InterfaceAddress[],
): Iface => ({
  name,
  index,
  kind,
  mac: mac(index),
  mtu: 1500,
  up: true,
  addresses,
  linkElsewhere: false,
  promisc: false,
  noarp: false,
})
