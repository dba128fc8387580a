import type { Ip } from '../../values/ip.js'
import { readIp } from '../addresses.js'
import { extensionLength } from '../../skb/packet-summary.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { headerOf } from './extension-headers.js'
import { BadValue, option } from '../options.js'
import { flag, inRange, rangeText, uint32, uintRange } from '../values.js'

/** IP6T_RT_HOPS */
const MOST = 16

const options = {
  type: uint32('--rt-type', { negatable: true }),
  segsleft: uintRange('--rt-segsleft', { negatable: true, hideFull: true }),
  length: uint32('--rt-len', { negatable: true }),
  res: flag('--rt-0-res'),
  addresses: option<readonly Ip[]>({
    flags: ['--rt-0-addrs'],
    words: 1,
    read([word], { family }) {
      const items = word!.split(',')
      if (items.length > MOST) throw new BadValue('too many addresses specified')
      return items.map(item => readIp(item, family))
    },
    print: list => [list.join(',')],
  }),
  notStrict: flag('--rt-0-not-strict'),
} as const

export const rt = defineMatch({
  name: 'rt',
  summary: 'the routing header of an IPv6 packet',
  doc: 'Its type, its length in bytes, how many segments are left, and the addresses of type 0. A packet without one does not fit, with or without `!`.',
  kernel: 'net/ipv6/netfilter/ip6t_rt.c rt_mt6()',
  family: 'ipv6',
  options,
  check({ type, res, addresses, notStrict }) {
    const zero = type && type.value === 0 && !type.not
    if (res && !zero) return "`--rt-type 0' required before `--rt-0-res'"
    if (addresses && !zero) return "`--rt-type 0' required before `--rt-0-addrs'"
    return notStrict && !addresses ? "`--rt-0-addr ...' required before `--rt-0-not-strict'" : undefined
  },
  ...allOf<ArgsOf<typeof options>>(
    ({ skb: { packet } }, { type, segsleft, length, addresses, notStrict }) => {
      const header = headerOf(packet, 'rt')
      if (!header) return [part(false, false, () => 'it has no routing header')]
      const parts: Part[] = []
      const same = (what: string, seen: number, asked: typeof type) => {
        if (!asked) return
        const raw = seen === asked.value
        parts.push(
          part(raw, asked.not, () => `its routing header has ${what} ${seen}, ${isnt(raw)}${asked.value}`),
        )
      }
      same('type', header.type, type)
      same('length', extensionLength(header), length)
      if (segsleft) {
        const raw = inRange(header.segmentsLeft, segsleft.value)
        const says = `${header.segmentsLeft} segments are left, ${isnt(raw)}${rangeText(segsleft.value)}`
        parts.push(part(raw, segsleft.not, () => says))
      }
      if (addresses) {
        const raw = hasAddresses(header.addresses, addresses.value, notStrict !== undefined)
        parts.push(part(raw, false, () => `it goes by ${header.addresses.join(',')}`))
      }
      return parts
    },
  ),
})

/** The addresses in a row from the first on and no others, or, `loose`, in this order with others between them. */
function hasAddresses(seen: readonly Ip[], asked: readonly Ip[], loose: boolean): boolean {
  if (!loose) return seen.length === asked.length && asked.every((a, i) => a === seen[i])
  let next = 0
  for (const address of seen) if (next < asked.length && address === asked[next]) next++
  return next === asked.length
}
