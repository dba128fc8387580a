import { type Ip, ipBits } from './ip.js'

/** Ethernet address, lower case, colons, two digits each. */
export type Mac = string & { readonly __brand: 'Mac' }

export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff' as Mac

export function parseMac(text: string): Mac | undefined {
  if (!/^[0-9a-fA-F]{1,2}([:-][0-9a-fA-F]{1,2}){5}$/.test(text)) return undefined
  return text
    .split(/[:-]/)
    .map(byte => byte.padStart(2, '0').toLowerCase())
    .join(':') as Mac
}

/** eth_type_trans(): whom a frame is for, by its destination alone; 'host' may be another host's. */
export const groupOf = (mac: Mac | undefined): 'host' | 'broadcast' | 'multicast' =>
  mac === undefined || !isGroupMac(mac) ? 'host' : mac === 'ff:ff:ff:ff:ff:ff' ? 'broadcast' : 'multicast'

/** ip_eth_mc_map(), ipv6_eth_mc_map(): the group address of Ethernet for a multicast address of IP. */
export function multicastMac(group: Ip): Mac {
  const words = ipBits(group)
  const last = group.includes(':') ? words[3]! : words[0]! & 0x7fffff
  const bytes = [24, 16, 8, 0].map(shift => (last >>> shift) & 0xff)
  const prefix = group.includes(':') ? [0x33, 0x33] : [0x01, 0x00, 0x5e]
  return [...prefix, ...(group.includes(':') ? bytes : bytes.slice(1))]
    .map(byte => byte.toString(16).padStart(2, '0'))
    .join(':') as Mac
}

/** Group bit of the first byte: broadcast and multicast. */
export const isGroupMac = (mac: Mac): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1
