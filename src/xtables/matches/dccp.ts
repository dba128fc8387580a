import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, isnt, part } from '../parts.js'
import { uint } from '../values.js'
import { wordBits } from './bits.js'
import { portOptions, portParts } from './ports.js'

const TYPES = [
  'REQUEST',
  'RESPONSE',
  'DATA',
  'ACK',
  'DATAACK',
  'CLOSEREQ',
  'CLOSE',
  'RESET',
  'SYNC',
  'SYNCACK',
  'INVALID',
]
const options = {
  ...portOptions('dccp', { loose: true, showFull: true }),
  types: wordBits(['--dccp-types'], TYPES, w => `unknown DCCP type "${w}"`, { negatable: true }),
  option: uint('--dccp-option', { min: 1, max: 255, negatable: true }),
} as const

export const dccp = defineMatch({
  name: 'dccp',
  summary: 'ports, packet types and options of DCCP',
  doc: 'The type of the packet, and one of its options by number; unknown where the packet does not tell them.',
  kernel: 'net/netfilter/xt_dccp.c dccp_mt()',
  protos: [PROTO.dccp],
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, args) => {
    const parts = portParts(packet, args)
    const { dccp: seen } = packet
    if ((args.types || args.option) && !seen)
      return [...parts, part('unknown', false, () => 'the DCCP type and options are not told')]
    if (args.types && seen) {
      const type = TYPES[seen.type] ?? 'INVALID'
      const raw = args.types.value.includes(type)
      parts.push(
        part(raw, args.types.not, () => `DCCP type ${type} is ${isnt(raw)}${args.types!.value.join(',')}`),
      )
    }
    if (args.option && seen) {
      const { value, not } = args.option
      const raw = seen.options.includes(value)
      parts.push(part(raw, not, () => `DCCP option ${value} is ${isnt(raw)}there`))
    }
    return parts
  }),
})
