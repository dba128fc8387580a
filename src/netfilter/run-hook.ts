import { note } from '../run/here.js'
import type { Skb } from '../skb/skb.js'
import type { HookResult, HookState } from './hook-op.js'
import { hooksAt } from './hook-table.js'

/** nf_hook_slow() (net/netfilter/core.c): every op in order of priority, until one does not accept. */
export function runHook(skb: Skb, state: HookState): HookResult {
  const { here } = state
  const ops = hooksAt(here.space.netns, skb.packet.family, state.hook)
  if (ops.length === 0) return { verdict: 'ACCEPT', skb }
  note(here, {
    kind: 'hook',
    hook: state.hook,
    ...(state.in === undefined ? {} : { in: state.in }),
    ...(state.out === undefined ? {} : { out: state.out }),
    bridged: state.bridged,
  })
  let now = skb
  for (const op of ops) {
    const result = op.run(now, state)
    if (result.verdict !== 'ACCEPT') return result
    now = result.skb
  }
  return { verdict: 'ACCEPT', skb: now }
}
