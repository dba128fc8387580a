import { confirmConnection } from '../../conntrack/confirm.js'
import { conntrackIn } from '../../conntrack/conntrack-in.js'
import { isFragment } from '../../skb/packet-summary.js'
import type { HookOp } from '../hook-op.js'
import { accept, op } from '../hook-op.js'
import { NF_IP_PRI } from '../priorities.js'

const enter: HookOp['run'] = (skb, { here }) => {
  const tracked = conntrackIn(skb, here)
  return tracked.verdict === 'ACCEPT'
    ? accept(tracked.skb)
    : { verdict: 'DROP', reason: 'X_CONNTRACK', because: tracked.because }
}

/** nf_confirm() */
const confirm: HookOp['run'] = (skb, { here }) => {
  const because = confirmConnection(skb, here)
  return because === undefined ? accept(skb) : { verdict: 'DROP', reason: 'X_CONNTRACK', because }
}

/** nf_defrag_ipv4, nf_defrag_ipv6: pieces are held until the packet is whole. Here each comes alone. */
const defrag: HookOp['run'] = skb =>
  isFragment(skb.packet)
    ? {
        verdict: 'DROP',
        reason: 'X_CONNTRACK',
        because: 'conntrack holds the fragment until the others are there',
      }
    : accept(skb)

export const conntrackOps: readonly HookOp[] = [
  op('defrag', 'PREROUTING', NF_IP_PRI.CONNTRACK_DEFRAG, 'ipv4_conntrack_defrag', defrag),
  op('defrag', 'OUTPUT', NF_IP_PRI.CONNTRACK_DEFRAG, 'ipv4_conntrack_defrag', defrag),
  op('conntrack', 'PREROUTING', NF_IP_PRI.CONNTRACK, 'nf_conntrack_in', enter),
  op('conntrack', 'OUTPUT', NF_IP_PRI.CONNTRACK, 'nf_conntrack_in', enter),
  op('confirm', 'INPUT', NF_IP_PRI.CONNTRACK_CONFIRM, 'nf_confirm', confirm),
  op('confirm', 'POSTROUTING', NF_IP_PRI.CONNTRACK_CONFIRM, 'nf_confirm', confirm),
]
