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
/** Group bit of the first byte: broadcast and multicast. */
export const isGroupMac = (mac: Mac): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1
