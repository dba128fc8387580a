import { type Direction, directionOf } from '../../conntrack/entry.js'
import type { Skb } from '../../skb/skb.js'

export type CtState = 'INVALID' | 'NEW' | 'RELATED' | 'ESTABLISHED' | 'UNTRACKED'

/** XT_CONNTRACK_STATE_BIT(): what conntrack made of this packet; nothing at all counts as INVALID. */
export function ctState({ ct }: Skb): CtState {
  if (!ct || ct.kind === 'detached') return 'INVALID'
  if (ct.kind === 'untracked') return 'UNTRACKED'
  if (ct.kind === 'template') return 'NEW'
  switch (ct.info) {
    case 'NEW':
      return 'NEW'
    case 'RELATED':
    case 'RELATED_REPLY':
      return 'RELATED'
    default:
      return 'ESTABLISHED'
  }
}

/** CTINFO2DIR() of a tracked packet. */
export const ctDirection = ({ ct }: Skb): Direction | undefined =>
  ct?.kind === 'tracked' ? directionOf(ct.info) : undefined
