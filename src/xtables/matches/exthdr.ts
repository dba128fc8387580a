import { extensionLength } from '../../skb/packet-summary.js'
import { type ArgsOf, defineMatch, type MatchExtension } from '../extension.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { headerOf } from './extension-headers.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { uint32 } from '../values.js'

/** IP6T_OPTS_OPTSNR */
const MOST = 16

export interface HeaderOption {
  readonly type: number
  readonly length?: number
}

/** -m hbh and -m dst: the two headers that carry options. A packet without the header does not fit, with or without `!`. */
export function optionsHeader(name: 'hbh' | 'dst', header: string) {
  const options = {
    length: uint32(`--${name}-len`, { negatable: true }),
    opts: option<readonly HeaderOption[]>({
      flags: [`--${name}-opts`],
      words: 1,
      read([word], _context, as) {
        const items = word!.split(',')
        if (items.length > MOST) throw new BadValue(`at most ${MOST} options may stand after "${as}"`)
        return items.map(item => {
          const [type, length] = item.split(':')
          const t = readUint(type!)
          const l = length === undefined ? undefined : readUint(length)
          if (Number.isNaN(t) || (l !== undefined && Number.isNaN(l)))
            throw new BadValue(`bad option "${item}" for "${as}"`)
          // the tool keeps eight bits of it
          return l === undefined ? { type: t & 0xff } : { type: t & 0xff, length: l & 0xff }
        })
      },
      print: list => [
        list.map(o => (o.length === undefined ? `${o.type}` : `${o.type}:${o.length}`)).join(','),
      ],
    }),
  } as const
  const match = defineMatch({
    name,
    summary: `the ${header} of an IPv6 packet`,
    doc: 'Its length in bytes, and its first options by type, or type and length. A packet without the header does not fit, with or without `!`.',
    kernel: 'net/ipv6/netfilter/ip6t_hbh.c hbh_mt6()',
    family: 'ipv6',
    options,
    ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { length, opts }) => {
      const seen = headerOf(packet, name)
      if (!seen) return [part(false, false, () => `it has no ${header}`)]
      const parts: Part[] = []
      if (length) {
        const bytes = extensionLength(seen)
        const raw = bytes === length.value
        parts.push(
          part(raw, length.not, () => `its ${header} has ${bytes} bytes, ${isnt(raw)}${length.value}`),
        )
      }
      if (opts) {
        // the first ones, in this order
        const raw = opts.value.every((o, i) => {
          const there = seen.options[i]
          return there?.type === o.type && (o.length === undefined || there.length === o.length)
        })
        parts.push(
          part(
            raw,
            false,
            () => `its ${header} has the options ${seen.options.map(o => o.type).join(',') || '(none)'}`,
          ),
        )
      }
      return parts
    }),
  })
  return match satisfies MatchExtension<typeof options>
}
