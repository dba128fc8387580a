import { type Here, note } from '../run/here.js'
import type { Skb } from '../skb/skb.js'
import { directionOf } from './entry.js'
import { conntrackLine } from './print-entry.js'

/**
 * nf_conntrack_confirm() (net/netfilter/nf_conntrack_core.c): an entry joins the table when its first packet has
 * survived. Says why it cannot, and the packet is lost with it.
 */
export function confirmConnection(skb: Skb, here: Here): string | undefined {
  if (skb.ct?.kind !== 'tracked') return undefined
  const { entry, info } = skb.ct
  // an error tied to a connection goes the other way and does not enter it (__nf_conntrack_confirm())
  if (entry.confirmed || entry.dying || directionOf(info) === 'reply') return undefined
  if (!here.state.conntrack.confirm(entry, here.run.now))
    return `another connection has taken the tuple of #${entry.id} meanwhile`
  note(here, {
    kind: 'conntrack',
    action: 'confirm',
    id: entry.id,
    entry: conntrackLine(entry, here.run.now),
    because: `the packet survived its last hook: connection #${entry.id} is entered`,
  })
  return undefined
}
