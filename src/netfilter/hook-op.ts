import type { DropReason } from '../trace/events.js'
import type { Here } from '../run/here.js'
import type { Errno } from '../routing/fib.js'
import type { Skb } from '../skb/skb.js'
import type { Hook } from './hook.js'

/** Where a hook is run: what netfilter calls nf_hook_state. */
export interface HookState {
  readonly hook: Hook
  /** `state->in`, `state->out`: the bridge itself for bridged frames. */
  readonly in?: string
  readonly out?: string
  /** Called from a bridge by br_netfilter. */
  readonly bridged: boolean
  readonly here: Here
}

/** What a hook function, and so a whole hook, says. */
export type HookResult =
  | { readonly verdict: 'ACCEPT'; readonly skb: Skb }
  | {
      readonly verdict: 'DROP'
      readonly reason: DropReason
      readonly because: string
      /** NF_DROP_ERR(): what a program hears that sends; absent: EPERM. */
      readonly errno?: Errno
    }
  /** The op has taken the packet: it sends it on by another way (`resume`), in another packet, or has lost it. Whoever sent it hears nothing of that. */
  | {
      readonly verdict: 'STOLEN'
      readonly by: string
      readonly resume?: { readonly room: 'local-out'; readonly skb: Skb }
      readonly lost?: { readonly reason: DropReason; readonly because: string }
    }
  | { readonly verdict: 'UNKNOWN'; readonly because: string }

export interface HookOp {
  readonly name: string
  readonly hook: Hook
  readonly priority: number
  /** Kernel function behind it. */
  readonly kernel: string
  run(skb: Skb, state: HookState): HookResult
}

export const op = (
  name: string,
  hook: Hook,
  priority: number,
  kernel: string,
  run: HookOp['run'],
): HookOp => ({ name, hook, priority, kernel, run })

export const accept = (skb: Skb): HookResult => ({ verdict: 'ACCEPT', skb })
