import { type Family, familyOf, formatIp, type Ip, ipBits, parseIp, widthOf } from '../../values/ip.js'
import { formatPrefix, maskBits, networkOf, type Prefix } from '../../values/prefix.js'
import { maskLength } from '../addresses.js'
import { defineTarget } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { inetAton, readHost } from './host-address.js'

/** Maps a whole network onto another, one to one. */
export const netmapTarget = defineTarget({
  name: 'NETMAP',
  summary: 'put another network in front of the host bits of a new connection',
  doc: `Rewrites the destination in PREROUTING and OUTPUT, the source in POSTROUTING and INPUT. The host bits stay, so
each address has its own partner.`,
  kernel: 'net/netfilter/xt_NETMAP.c netmap_tg4(), netmap_tg6()',
  tables: ['nat'],
  hooks: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  options: {
    to: option<Prefix>({
      flags: ['--to'],
      words: 1,
      required: true,
      read: ([word], { family }) => readNet(word!, family),
      print: p => [formatPrefix(p)],
    }),
  },
  act({ hook, skb }, { to }) {
    if (!to) return { kind: 'unknown', because: 'NETMAP without --to' }
    const manip = hook === 'PREROUTING' || hook === 'OUTPUT' ? 'dst' : 'src'
    const address = mapped(manip === 'dst' ? skb.packet.dst : skb.packet.src, to.value)
    return { kind: 'nat', manip, range: { minAddress: address, maxAddress: address } }
  },
})

function mapped(address: Ip, { base, length }: Prefix): Ip {
  const bits = ipBits(address)
  const network = ipBits(base)
  const mask = maskBits(bits.length === 1 ? 'ipv4' : 'ipv6', length)
  return formatIp(bits.map((w, i) => ((network[i]! & mask[i]!) | (w & ~mask[i]!)) >>> 0))
}

/** A mask that isn't contiguous counts as a full one, and so does an IPv4 length above 32, which reads as such a mask. */
function readNet(word: string, family: Family): Prefix {
  const slash = word.indexOf('/')
  const base = readHost(slash < 0 ? word : word.slice(0, slash), family)
  const length = slash < 0 ? widthOf(family) : readLength(word.slice(slash + 1), family)
  return { base: networkOf({ base, length }), length }
}

function readLength(word: string, family: Family): number {
  const width = widthOf(family)
  const length = readUint(word, width)
  if (!Number.isNaN(length)) return length
  const mask = family === 'ipv4' ? inetAton(word) : parseIp(word)
  if (mask === undefined || familyOf(mask) !== family)
    throw new BadValue(`"${word}" is neither a network mask nor a length (0-${width})`)
  const contiguous = maskLength(ipBits(mask))
  return contiguous < 0 ? width : contiguous
}
