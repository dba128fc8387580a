import { defineTarget } from '../extension.js'
import { flag } from '../values.js'
import { natRange, natTo, portsNeedProto } from './nat-range.js'

/** Binds a new connection to another source. */
export const snatTarget = defineTarget({
  name: 'SNAT',
  summary: 'rewrite the source of a new connection (and the destination of its replies)',
  doc: `Decides once, for the first packet of a connection. Without ports the source port is kept if it is free,
otherwise one of its own class is taken (below 512, below 1024, the rest). --random and --random-fully choose it by
chance; --persistent gives a client the same address of a range every time.`,
  kernel: 'net/netfilter/xt_nat.c xt_snat_target_v1()',
  tables: ['nat'],
  hooks: ['INPUT', 'POSTROUTING'],
  options: {
    to: natTo('--to-source', 'zero'),
    random: flag('--random'),
    randomFully: flag('--random-fully'),
    persistent: flag('--persistent'),
  },
  check: (args, rule) => portsNeedProto(args.to?.value, rule),
  act: (_env, args) => ({ kind: 'nat', manip: 'src', range: natRange(args.to?.value, args) }),
})
