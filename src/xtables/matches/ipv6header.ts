import { type ArgsOf, defineMatch } from '../extension.js'
import type { Packet } from '../../model/packet.js'
import { PROTO } from '../../values/proto.js'
import { BadValue, option } from '../options.js'
import { allOf, part } from '../parts.js'
import { flag } from '../values.js'

/** Printed name, number, other names; in the order of printing. */
const HEADERS = [
  ['hop-by-hop', '0', 'hop'],
  ['ipv6-opts', '60', 'dst'],
  ['ipv6-route', '43', 'route'],
  ['ipv6-frag', '44', 'frag'],
  ['ah', '51', 'auth'],
  ['esp', '50'],
  ['ipv6-nonxt', '59', 'none'],
  ['protocol', '255', 'prot'],
] as const
type HeaderName = (typeof HEADERS)[number][0]

const options = {
  header: option<readonly HeaderName[]>({
    flags: ['--header'],
    words: 1,
    negatable: true,
    required: true,
    read([word]) {
      const given = new Set<HeaderName>()
      for (const item of word!.split(',')) {
        const found = HEADERS.find(names => (names as readonly string[]).includes(item.toLowerCase()))
        if (!found) throw new BadValue(`unknown header \`${item}' specified`)
        given.add(found[0])
      }
      return HEADERS.map(([name]) => name).filter(name => given.has(name))
    },
    print: list => [list.join(',')],
  }),
  soft: flag('--soft'),
} as const

const NONXT = 59

const NAME_OF = { hbh: 'hop-by-hop', dst: 'ipv6-opts', rt: 'ipv6-route', ah: 'ah' } as const

/** The headers that a packet has, each once; ESP and "no next header" are the last, anything else is a protocol. */
function headersOf(packet: Packet): readonly HeaderName[] {
  const out: HeaderName[] = [...new Set(packet.headers?.map(h => NAME_OF[h.kind]))]
  if (packet.fragmentOffset > 0 || packet.moreFragments) out.push('ipv6-frag')
  if (packet.proto === PROTO.esp) out.push('esp')
  else if (packet.proto === NONXT) out.push('ipv6-nonxt')
  else out.push('protocol')
  return out
}

export const ipv6header = defineMatch({
  name: 'ipv6header',
  summary: 'which headers an IPv6 packet has',
  doc: 'All of the list and no others; with --soft, all of the list at least.',
  kernel: 'net/ipv6/netfilter/ip6t_ipv6header.c ipv6header_mt6()',
  family: 'ipv6',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { header, soft }) => {
    if (!header) return []
    const seen = headersOf(packet)
    const has = header.value.filter(h => seen.includes(h)).length
    const raw = has === header.value.length && (soft !== undefined || seen.length === has)
    // --soft with `!`: none of the list may be there
    const is = soft && header.not ? has === 0 : raw !== header.not
    return [
      part(
        is,
        false,
        () => `its headers are ${seen.join(',')}${raw ? '' : `, not ${header.value.join(',')}`}`,
      ),
    ]
  }),
})
