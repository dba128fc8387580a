import { type Family, formatIp, ipBits, type Ip } from '../../values/ip.js'
import { formatPrefix, maskBits, networkOf, type Prefix } from '../../values/prefix.js'
import { maskLength, readMask } from '../addresses.js'
import { defineTarget } from '../extension.js'
import { readUint } from '../numbers.js'
import { option } from '../options.js'
import { readHost } from './host-address.js'
import { widthOf } from '../../values/ip.js'

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

/** A mask that isn't contiguous, or an IPv4 length above 32, counts as a full one: so the tool reads them. */
function readNet(word: string, family: Family): Prefix {
  const slash = word.indexOf('/')
  const base = readHost(slash < 0 ? word : word.slice(0, slash), family)
  const length = slash < 0 ? widthOf(family) : readLength(word.slice(slash + 1), family)
  return { base: networkOf({ base, length }), length }
}

function readLength(word: string, family: Family): number {
  if (family === 'ipv4' && !Number.isNaN(readUint(word, 255)) && Number(word) > 32) return 32
  const length = maskLength(readMask(word, family))
  return length < 0 ? widthOf(family) : length
}
