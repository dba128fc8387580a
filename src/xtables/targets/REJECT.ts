import { PROTO } from '../../values/proto.js'
import { defineTarget } from '../extension.js'
import { BadValue, option } from '../options.js'
import { given } from './given.js'
import { defaultRejectType, findRejectType, type RejectType, rejectWith } from './reject-types.js'

/** Drops the packet and tells its sender. */
export const rejectTarget = defineTarget({
  name: 'REJECT',
  summary: 'drop, and answer with an ICMP error or a TCP reset',
  doc: `Ends the walk as DROP does, but the sender hears of it at once. Without --reject-with the answer is "port
unreachable". tcp-reset needs -p tcp. Where the answer must not be sent (about an ICMP error, a broadcast, a later
fragment), the packet is dropped in silence.`,
  kernel: 'net/ipv4/netfilter/ipt_REJECT.c reject_tg(), net/ipv6/netfilter/ip6t_REJECT.c reject_tg6()',
  tables: ['filter'],
  hooks: ['INPUT', 'FORWARD', 'OUTPUT'],
  options: {
    with: option<RejectType>({
      flags: ['--reject-with'],
      words: 1,
      read([word], { family }) {
        const found = findRejectType(word!, family)
        if (!found) throw new BadValue(`unknown reject type "${word}"`)
        return found
      },
      print: t => [t.name],
    }),
  },
  check(args, rule) {
    if (args.with && !args.with.value.icmp && (rule.proto !== PROTO.tcp || rule.protoNot))
      return 'tcp-reset needs -p tcp'
    return undefined
  },
  complete: (args, { family }) => ({ with: args.with ?? given(defaultRejectType(family)) }),
  act: (env, args) => ({
    kind: 'reject',
    how: rejectWith(args.with?.value ?? defaultRejectType(env.family)),
  }),
})
