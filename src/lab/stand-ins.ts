import type { Snapshot } from '../model/snapshot.js'
import { namespacesOf } from '../snapshot/names.js'
import { hasLegacy } from './legacy-trace.js'
import { HAS_NOT, hasServices } from './plan.js'

/** What cannot be built as it is, a sentence each. */
export function standIns(snapshot: Snapshot, has = HAS_NOT): string[] {
  const notes: string[] = []
  for (const netns of namespacesOf(snapshot)) {
    for (const { name, kind } of netns.ifaces)
      if (['other', 'macvlan', 'ipvlan'].includes(kind) || (kind === 'dummy' && !has.dummy))
        notes.push(`${netns.name}:${name} (${kind}) is built as one end of a veth pair that leads nowhere`)
    if (hasServices(netns) && !has.ipvs)
      notes.push(`IPVS of ${netns.name} cannot be built in network namespaces here: it is left out`)
    if (hasLegacy(netns) && !has.legacyTrace)
      notes.push(
        `${netns.name}: the legacy back end shows no trace here (no iptables-legacy, xt_TRACE or nfnetlink_log); its rules are compared by what comes of them`,
      )
  }
  return notes
}
