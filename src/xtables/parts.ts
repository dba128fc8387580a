import type { Rule } from '../model/ruleset.js'
import type { Packet } from '../model/packet.js'
import { and, negate, type RuleEnv, type Truth } from './extension.js'

/** One question of a match: does it fit, and what was seen and asked. */
export interface Part {
  readonly is: Truth
  readonly says: () => string
}

/** `raw`: before the option's `!`. The sentence tells the facts, so it is the same with and without `!`. */
export const part = (raw: Truth, not: boolean, says: () => string): Part => ({ is: negate(raw, not), says })

/** 'not ' where something isn't so, to build sentences with. */
export const isnt = (raw: Truth): string => (raw === true ? '' : 'not ')

/** match and because of an extension that holds if all of its parts do. Nothing but questions: no part may count. */
export const allOf = <A>(parts: (env: RuleEnv, args: A) => readonly Part[]) => ({
  match(env: RuleEnv, args: A): Truth {
    let is: Truth = true
    for (const p of parts(env, args)) is = and(is, p.is)
    return is
  },
  because(env: RuleEnv, args: A): string {
    const all = parts(env, args)
    const decisive = all.find(p => p.is === false) ?? all.find(p => p.is === 'unknown')
    if (decisive) return decisive.says()
    return all.length === 0 ? 'nothing is asked' : all.map(p => p.says()).join(', ')
  },
})

/** An extension that asks what a snapshot doesn't tell. */
export const notTold = (because: string) => ({
  match: (): Truth => 'unknown',
  because: (): string => because,
})

/** True where the transport header can be seen: xt_action_param.fragoff is 0. */
export const hasTransport = (packet: Packet): boolean => packet.fragmentOffset === 0

const keys = new WeakMap<Rule, object>()

/**
 * What one use of an extension in one rule remembers between packets. Uses may be shared between rules, so the
 * rule counts too.
 */
export function stateOf<T extends object>(env: RuleEnv, args: object, fresh: () => T): T {
  let key = keys.get(env.rule)
  if (!key) {
    key = {}
    keys.set(env.rule, key)
  }
  const byUse = env.memory.get(key, () => new Map<object, T>())
  let state = byUse.get(args)
  if (!state) {
    state = fresh()
    byUse.set(args, state)
  }
  return state
}
