import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf } from '../parts.js'
import { portOptions, portParts, portsSeen } from './ports.js'

const options = portOptions('udp', { loose: true })

export const udp = defineMatch({
  name: 'udp',
  summary: 'ports of a UDP datagram',
  doc: '`-p udp` loads it for --sport and --dport.',
  kernel: 'net/netfilter/xt_tcpudp.c udp_mt()',
  protos: [PROTO.udp],
  options,
  ...allOf<ArgsOf<typeof options>>((env, args) => {
    const seen = portsSeen(env, true)
    return 'is' in seen ? [seen] : portParts(seen, args)
  }),
})
