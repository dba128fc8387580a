import { assume, type Here, note } from '../run/here.js'
import { conntrackLine } from './print-entry.js'

/** NF_CT_EVICTION_RANGE: so many buckets early_drop() looks through. */
const BUCKETS_SEARCHED = 8
/** Nearer to 0 or 1 than this, chance is not asked. */
const CERTAIN = 0.01

/**
 * __nf_conntrack_alloc(): is there room for one more connection? Where the table is full, early_drop() gives up a
 * connection without ASSURED, if it comes across one in the few buckets that it looks through; which connections lie
 * there is chance: of 300 new connections 61, 96, 24 and 1 % found one with 64 entries in 1024 buckets, 200 in 1024,
 * 64 in 4096 and 64 in 65536 (Linux 6.1, `conntrack -S`). Undefined: there is room (now). Otherwise a sentence.
 */
export function noRoomFor(here: Here): string | undefined {
  const { space, state, run } = here
  const alias = Number(space.netns.sysctl['net.nf_conntrack_max'] ?? Number.NaN)
  const limits = [space.number('net.netfilter.nf_conntrack_max', 262144), alias]
  const max = Math.min(...limits.filter(n => n >= 0))
  const { all, unseen, unassured } = state.conntrack.count(run.now)
  if (max === 0 || all < max) return undefined
  const full = `the conntrack table of ${space.name} is full: ${all} connections, and nf_conntrack_max is ${max}`
  if (unseen > 0)
    assume(
      here,
      `the ${unseen} connections of ${space.name} that conntrack.txt does not show`,
      'all of them are ASSURED, so none gives way to a new one',
    )
  const buckets = Math.max(1, space.number('net.netfilter.nf_conntrack_buckets', 262144))
  // each connection hangs in two buckets
  const chance = 1 - Math.exp((-2 * BUCKETS_SEARCHED * unassured) / buckets)
  if (chance < CERTAIN) return full
  const options = ['a connection without ASSURED gives way', 'none is found: the new one is dropped']
  const likely = chance >= 0.5 ? options : options.toReversed()
  const taken =
    chance > 1 - CERTAIN
      ? options[0]
      : likely[run.choose(here.trace, space.name, `early_drop in ${space.name}`, likely)]
  if (taken !== options[0]) return full
  const victim = state.conntrack.list(run.now).find(e => !e.assured)
  if (!victim) return full
  state.conntrack.remove(victim)
  note(here, {
    kind: 'conntrack',
    action: 'drop',
    id: victim.id,
    entry: conntrackLine(victim, run.now),
    because: `${full}; connection #${victim.id} is not ASSURED and gives way (early_drop)`,
  })
  return undefined
}
