import { ipBits } from '../../values/ip.js'
import { defineMatch } from '../extension.js'

export const eui64 = defineMatch({
  name: 'eui64',
  summary: 'does the source address end in the EUI-64 of the MAC source?',
  doc: 'As addresses are made that a host gives itself.',
  kernel: 'net/ipv6/netfilter/ip6t_eui64.c eui64_mt6()',
  family: 'ipv6',
  hooks: ['PREROUTING', 'INPUT', 'FORWARD'],
  options: {},
  match: ({ skb: { packet } }) =>
    packet.eth !== undefined && interfaceId(packet.eth.src) === lowHalf(packet.src),
  because({ skb: { packet } }) {
    if (!packet.eth) return 'it has no Ethernet header'
    return `the EUI-64 of ${packet.eth.src} is ${interfaceId(packet.eth.src)}, the address ends in ${lowHalf(packet.src)}`
  },
})

const eight = (n: number): string => n.toString(16).padStart(8, '0')
function lowHalf(address: Parameters<typeof ipBits>[0]): string {
  const [, , high, low] = ipBits(address)
  return eight(high ?? 0) + eight(low ?? 0)
}

/** ff:fe goes between the halves, and the bit for "made by hand" is turned over. */
function interfaceId(mac: string): string {
  const bytes = mac.split(':')
  const first = (Number.parseInt(bytes[0]!, 16) ^ 2).toString(16).padStart(2, '0')
  return `${first}${bytes[1]}${bytes[2]}fffe${bytes.slice(3).join('')}`
}
