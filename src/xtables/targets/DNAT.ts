import { defineTarget } from '../extension.js'
import { flag } from '../values.js'
import { natRange, natTo, portsNeedProto } from './nat-range.js'

/** Binds a new connection to another destination. */
export const dnatTarget = defineTarget({
  name: 'DNAT',
  summary: 'rewrite the destination of a new connection (and the source of its replies)',
  doc: `Decides once, for the first packet of a connection; later packets are translated by the conntrack entry and
never see the rule. A port range with /base keeps each port's distance from base. For replies to be translated
back they must pass the same machine.`,
  kernel: 'net/netfilter/xt_nat.c xt_dnat_target_v2()',
  tables: ['nat'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options: {
    to: natTo('--to-destination', 'keep'),
    random: flag('--random'),
    persistent: flag('--persistent'),
  },
  check: (args, rule) => portsNeedProto(args.to?.value, rule),
  act: (_env, args) => ({ kind: 'nat', manip: 'dst', range: natRange(args.to?.value, args) }),
})
