import { tcpOptionLength } from '../../skb/packet-summary.js'
import { PROTO } from '../../values/proto.js'
import { defineTarget } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'

/** TCP option kinds by name (IANA). */
const KINDS = new Map([
  ['wscale', 3],
  ['mss', 2],
  ['sack-permitted', 4],
  ['sack', 5],
  ['timestamp', 8],
  ['md5', 19],
])

const NOP = 1
const MSS = 2

/** Blanks out TCP options. */
export const tcpoptstripTarget = defineTarget({
  name: 'TCPOPTSTRIP',
  summary: 'replace TCP options by padding',
  doc: 'End-of-list (0) and padding (1) can’t be stripped.',
  kernel: 'net/netfilter/xt_TCPOPTSTRIP.c tcpoptstrip_tg4()',
  tables: ['mangle'],
  protos: [PROTO.tcp],
  options: {
    strip: option<readonly number[]>({
      flags: ['--strip-options'],
      words: 1,
      read([word]) {
        const kinds = new Set<number>()
        for (const name of word!.split(',')) {
          const kind = KINDS.get(name) ?? readUint(name, 255)
          if (Number.isNaN(kind)) throw new BadValue(`bad TCP option "${name}"`)
          if (kind < 2) throw new BadValue('a TCP option to strip may not be 0 or 1')
          kinds.add(kind)
        }
        return [...kinds].sort((a, b) => a - b)
      },
      print: kinds => [kinds.join(',')],
    }),
  },
  act({ skb }, { strip }) {
    const { tcpOptions } = skb.packet
    if (!strip || !tcpOptions) return { kind: 'continue' }
    const left = tcpOptions.flatMap(kind =>
      strip.value.includes(kind) ? Array<number>(tcpOptionLength(kind)).fill(NOP) : [kind],
    )
    const { mss, ...rest } = skb.packet
    const packet = { ...rest, tcpOptions: left, ...(mss !== undefined && left.includes(MSS) && { mss }) }
    return { kind: 'continue', skb: { ...skb, packet } }
  },
})
