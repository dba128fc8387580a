import type { Snapshot } from '../model/snapshot.js'
import type { Conversation, Flow } from './conversation.js'
import { type ConverseOptions, converse } from './converse.js'
import { resolveFlow } from './resolve-flow.js'

/**
 * What happens to one conversation in this world, both directions, and where it breaks. The snapshot stays as
 * it is; each call runs from the same fresh state and gives the same answer.
 * @throws UnknownName if the flow names something that is not in the snapshot
 */
export const trace = (snapshot: Snapshot, flow: Flow, options?: ConverseOptions): Conversation =>
  converse(snapshot, resolveFlow(snapshot, flow), options)
