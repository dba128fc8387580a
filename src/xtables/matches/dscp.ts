import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, isnt, part } from '../parts.js'
import { dscpValue } from './dscp-classes.js'

const options = { dscp: dscpValue(['--dscp', '--dscp-class'], { negatable: true, required: true }) } as const
const text = (n: number): string => `0x${n.toString(16).padStart(2, '0')}`

export const dscp = defineMatch({
  name: 'dscp',
  summary: 'the six DSCP bits of the TOS or traffic class field',
  doc: 'By number or by class (BE, EF, CS1, AF11, …).',
  kernel: 'net/netfilter/xt_dscp.c dscp_mt(), dscp_mt6()',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { dscp: asked }) => {
    if (!asked) return []
    const seen = packet.tos >> 2
    const raw = seen === asked.value
    return [part(raw, asked.not, () => `dscp ${text(seen)} is ${isnt(raw)}${text(asked.value)}`)]
  }),
})
