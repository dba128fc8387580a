import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, part } from '../parts.js'
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
  doc: 'Types and options are not part of a simulated packet.',
  kernel: 'net/netfilter/xt_dccp.c dccp_mt()',
  protos: [PROTO.dccp],
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, args) => {
    const parts = portParts(packet, args)
    if (args.types || args.option)
      parts.push(part('unknown', false, () => 'the DCCP type and options are not told'))
    return parts
  }),
})
