import { PROTO } from '../../values/proto.js'
import { defineMatch } from '../extension.js'
import { notTold } from '../parts.js'
import { text, uint } from '../values.js'

export const osf = defineMatch({
  name: 'osf',
  summary: "the sender's operating system, guessed from its SYN",
  doc: 'Needs fingerprints and TCP options, which are not told.',
  kernel: 'net/netfilter/xt_osf.c xt_osf_match_packet()',
  hooks: ['PREROUTING', 'INPUT', 'FORWARD'],
  protos: [PROTO.tcp],
  options: {
    genre: text('--genre', { bare: true, max: 31, negatable: true, required: true }),
    ttl: uint('--ttl', { max: 2 }),
    log: uint('--log', { max: 2 }),
  },
  ...notTold("the sender's operating system is not told"),
})
