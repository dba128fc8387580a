import { TCP } from '../../model/packet.js'
import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { option } from '../options.js'
import { allOf, hasTransport, isnt, part } from '../parts.js'
import { type Range, rangeText, uintRange } from '../values.js'

const options = {
  mss: option<Range>({
    ...uintRange('--mss', { max: 0xffff, negatable: true, required: true, ordered: 'invalid range given' }),
  }),
} as const
const MSS_OPTION = 2

export const tcpmss = defineMatch({
  name: 'tcpmss',
  summary: 'the MSS option of a TCP segment',
  doc: 'Only a SYN carries one: what the device that it left by takes, less the headers, unless a TCPMSS target has lowered it.',
  kernel: 'net/netfilter/xt_tcpmss.c tcpmss_mt()',
  protos: [PROTO.tcp],
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { mss }) => {
    if (!mss) return []
    // who carries it besides a SYN is asked all the same
    const carries = packet.tcpOptions?.includes(MSS_OPTION) ?? ((packet.tcpFlags ?? 0) & TCP.SYN) !== 0
    // without the option the kernel answers as if the value lay outside
    if (!carries || !hasTransport(packet)) return [part(false, mss.not, () => 'it has no MSS option')]
    const offered = packet.mss
    if (offered !== undefined) {
      const raw = offered >= mss.value.from && offered <= mss.value.to
      return [part(raw, mss.not, () => `it offers ${offered}, ${isnt(raw)}${rangeText(mss.value)}`)]
    }
    return [
      part('unknown', mss.not, () => `the MSS it offers is not told, asked for ${rangeText(mss.value)}`),
    ]
  }),
})
