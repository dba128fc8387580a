import { directionOf } from '../../conntrack/entry.js'
import { conntrackIn } from '../../conntrack/conntrack-in.js'
import { conntrackLine } from '../../conntrack/print-entry.js'
import { isFragment } from '../../skb/packet-summary.js'
import { note } from '../../run/here.js'
import type { HookOp } from '../hook-op.js'
import { accept, op } from '../hook-op.js'
import { NF_IP_PRI } from '../priorities.js'

const enter: HookOp['run'] = (skb, { here }) => {
  const tracked = conntrackIn(skb, here)
  return tracked.verdict === 'ACCEPT'
    ? accept(tracked.skb)
    : { verdict: 'DROP', reason: 'X_CONNTRACK', because: tracked.because }
}

/** nf_confirm(): an entry joins the table only when its packet has survived its last hook. */
const confirm: HookOp['run'] = (skb, { here }) => {
  if (skb.ct?.kind !== 'tracked') return accept(skb)
  const { entry, info } = skb.ct
  // an error tied to a connection goes the other way and does not enter it (__nf_conntrack_confirm())
  if (entry.confirmed || entry.dying || directionOf(info) === 'reply') return accept(skb)
  if (!here.state.conntrack.confirm(entry, here.run.now))
    return {
      verdict: 'DROP',
      reason: 'X_CONNTRACK',
      because: `another connection has taken the tuple of #${entry.id} meanwhile`,
    }
  note(here, {
    kind: 'conntrack',
    action: 'confirm',
    id: entry.id,
    entry: conntrackLine(entry, here.run.now),
    because: `the packet survived its last hook: connection #${entry.id} is entered`,
  })
  return accept(skb)
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
