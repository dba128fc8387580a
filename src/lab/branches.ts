import type { Snapshot } from '../model/snapshot.js'
import type { Conversation, ResolvedFlow } from '../talk/conversation.js'
import { type Before, converse } from '../talk/converse.js'
import { explore } from '../talk/explore.js'
import { onlyPortsByChance } from './compare.js'

export const MOST_BRANCHES = 64
/** What the agent's echo request carries. */
const PING_BYTES = 56

/** All ways that chance may lead a conversation; `cut`: there are more. */
export interface Branches {
  readonly talks: readonly Conversation[]
  readonly cut: boolean
}

/** Those of one that begins now. */
export function branchesOf(snapshot: Snapshot, flow: ResolvedFlow, before: readonly Before[] = []): Branches {
  const epoch = Math.floor((performance.timeOrigin + performance.now()) / 1000)
  // what the lab's programs say is known to the last byte
  const data = flow.proto === 'icmp' ? '\0'.repeat(PING_BYTES) : 'x'
  const told = { epoch, inLab: true, ...(flow.payload === undefined && { sends: { data } }) }
  const run = (choose: readonly number[]) => asBranch(converse(snapshot, flow, { ...told, choose, before }))
  const { branches, cut } = explore(run, MOST_BRANCHES)
  return { talks: branches.map(branch => branch.talk), cut }
}

/** Ports by chance are made alike when sides are compared: they open no branches. */
const asBranch = (talk: Conversation): Conversation => ({
  ...talk,
  choices: talk.choices.map(c => (onlyPortsByChance([c.at]) ? { ...c, options: 1, taken: 0 } : c)),
})

/** Repetitions of an answer that nobody has acknowledged are waited for, but not for ever (s). */
const MOST_PATIENCE = 1.6

/**
 * Seconds that a conversation goes on for, whichever way chance goes, though its client has its answer: from the first
 * packet to the last. Whoever has no answer waits anyway.
 */
export function lastsFor(talks: readonly Conversation[]): number {
  const lengths = talks
    .filter(({ outcome }) => outcome === 'ok' || outcome === 'reset')
    .map(({ packets }) => (packets.at(-1)?.bornAt ?? 0) - (packets[0]?.bornAt ?? 0))
  return Math.min(MOST_PATIENCE, Math.max(0, ...lengths))
}
