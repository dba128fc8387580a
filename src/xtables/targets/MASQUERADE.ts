import { defineTarget } from '../extension.js'
import { flag } from '../values.js'
import { natRange, portsNeedProto, toPorts } from './nat-range.js'

/** SNAT to the address that the outgoing device has at that moment. */
export const masqueradeTarget = defineTarget({
  name: 'MASQUERADE',
  summary: "rewrite the source of a new connection to the outgoing device's own address",
  doc: `The address is the one that the kernel would choose as source towards the next hop on the outgoing device. When
the device goes down, its connections are forgotten.`,
  kernel: 'net/netfilter/nf_nat_masquerade.c nf_nat_masquerade_ipv4()',
  tables: ['nat'],
  hooks: ['POSTROUTING'],
  options: {
    ports: toPorts('zero'),
    random: flag('--random'),
    randomFully: flag('--random-fully'),
  },
  check: (args, rule) => portsNeedProto(args.ports?.value, rule),
  act: (_env, args) => ({
    kind: 'nat',
    manip: 'src',
    masquerade: true,
    range: natRange(args.ports?.value, args),
  }),
})
