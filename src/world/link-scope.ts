import type { Iface } from '../model/iface.js'
import { formatIp, type Ip, ipBits, isLinkLocal } from '../values/ip.js'

/** ipv6_get_lladdr(): the address of a device that reaches no farther than its link; one that is still tentative soon won't be. */
export function linkLocalOf(iface: Iface | undefined): Ip | undefined {
  const own = iface?.addresses.filter(a => isLinkLocal(a.address)) ?? []
  return (own.find(a => !a.tentative) ?? own[0])?.address
}

/** addrconf_addr_solict_mult(): the group of all who may have an address. */
export const solicitedNode = (address: Ip): Ip =>
  formatIp([0xff020000, 0, 1, (0xff000000 | (ipBits(address)[3]! & 0xffffff)) >>> 0])

export const isSolicitedNode = (address: Ip): boolean => {
  const [a, b, c, d] = ipBits(address)
  return a === 0xff020000 && b === 0 && c === 1 && d! >>> 24 === 0xff
}
