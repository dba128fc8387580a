import { defineTarget } from '../extension.js'

/** The older spelling of `CT --notrack`. */
export const notrackTarget = defineTarget({
  name: 'NOTRACK',
  summary: 'conntrack shall not look at this packet: it becomes UNTRACKED',
  doc: 'Works in the raw table only. An untracked packet meets no nat rules and matches --ctstate UNTRACKED.',
  kernel: 'net/netfilter/xt_CT.c notrack_tg()',
  tables: ['raw'],
  options: {},
  act: ({ skb }) =>
    skb.ct === undefined
      ? { kind: 'continue', skb: { ...skb, ct: { kind: 'untracked' } } }
      : { kind: 'continue' },
})
