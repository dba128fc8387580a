import type { HookResult } from '../netfilter/hook-op.js'
import type { Next } from './room.js'

/** What a hook that did not accept means for the path. */
export function leave(result: Exclude<HookResult, { verdict: 'ACCEPT' }>): Next<never> {
  switch (result.verdict) {
    case 'DROP':
      return {
        dropped: result.reason,
        because: result.because,
        ...(result.errno === undefined ? {} : { errno: result.errno }),
      }
    case 'UNKNOWN':
      return { unknown: result.because }
    case 'STOLEN':
      // INPUT, OUTPUT and FORWARD know a way on for what an op takes away; they look before they leave. A bridge does not
      return { unknown: `${result.by} took the packet in a hook where it has no business` }
  }
}

/** Where a packet goes that an op of INPUT, OUTPUT or FORWARD has taken away. */
export function afterSteal({ resume, lost }: Extract<HookResult, { verdict: 'STOLEN' }>): Next<'local-out'> {
  if (resume) return { to: 'local-out', skb: resume.skb, dev: resume.skb.route!.dev, unheard: true }
  return lost ? { dropped: lost.reason, because: lost.because, unheard: true } : { done: true }
}
