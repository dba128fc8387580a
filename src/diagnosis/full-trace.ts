import { converse } from '../talk/converse.js'
import type { Conversation } from '../talk/conversation.js'
import type { PacketTrace } from '../trace/events.js'
import type { Inquiry } from './inquiry.js'

const kept = new WeakMap<Conversation, Conversation>()

/** The same conversation with the rules that were tried in vain; run again with the same choices. */
export function inFull(inquiry: Inquiry): Conversation {
  const { talk, snapshot } = inquiry
  let full = kept.get(talk)
  if (!full) {
    full = converse(snapshot, talk.flow, { choose: talk.choices.map(choice => choice.taken), full: true })
    kept.set(talk, full)
  }
  return full
}

/** The first request there. */
export const fullRequest = (inquiry: Inquiry): PacketTrace | undefined =>
  inFull(inquiry).packets.find(p => p.direction === 'original' && p.carries === undefined)
