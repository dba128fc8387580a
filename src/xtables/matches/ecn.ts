import { TCP } from '../../model/packet.js'
import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, hasTransport, isnt, type Part, part } from '../parts.js'
import { flag, uint } from '../values.js'

const options = {
  ece: flag('--ecn-tcp-ece', { negatable: true }),
  cwr: flag('--ecn-tcp-cwr', { negatable: true }),
  ect: uint('--ecn-ip-ect', { max: 3, negatable: true }),
} as const

export const ecn = defineMatch({
  name: 'ecn',
  summary: 'the ECN bits of IP and TCP',
  kernel: 'net/netfilter/xt_ecn.c ecn_mt4(), ecn_mt6()',
  doc: '--ecn-ip-ect is the number in the last two bits of TOS; ECE and CWR are TCP flags.',
  options,
  check({ ece, cwr, ect }, { proto, protoNot }) {
    if (!ece && !cwr && !ect) return 'some option required'
    return (ece || cwr) && (proto !== PROTO.tcp || protoNot)
      ? "cannot match TCP bits without '-p tcp'"
      : undefined
  },
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { ece, cwr, ect }) => {
    const parts: Part[] = []
    if (ect) {
      const seen = packet.tos & 3
      parts.push(
        part(seen === ect.value, ect.not, () => `ECT ${seen} is ${isnt(seen === ect.value)}${ect.value}`),
      )
    }
    for (const [name, asked, bit] of [
      ['ECE', ece, TCP.ECE],
      ['CWR', cwr, TCP.CWR],
    ] as const) {
      if (!asked) continue
      if (!hasTransport(packet)) {
        parts.push(part(false, false, () => 'it is a second or further fragment, its flags cannot be seen'))
        continue
      }
      const raw = ((packet.tcpFlags ?? 0) & bit) !== 0
      parts.push(part(raw, asked.not, () => `${name} is ${isnt(raw)}set`))
    }
    return parts
  }),
})
