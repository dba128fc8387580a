import type { Conversation } from './conversation.js'

/** One way that chance can take: the answers given, and what came of them. */
export interface Branch {
  readonly choose: readonly number[]
  readonly talk: Conversation
}

/** All branches, or as many as the limit allows. */
export interface Exploration {
  readonly branches: readonly Branch[]
  /** True if the limit left branches unvisited. */
  readonly cut: boolean
}

/**
 * Replays a conversation with every answer at every choice, first answers first. A replay under a script meets
 * the same choices up to the script's end, so the branches form a tree, walked here depth first.
 */
export function explore(run: (choose: readonly number[]) => Conversation, limit = 256): Exploration {
  const branches: Branch[] = []
  const scripts: (readonly number[])[] = [[]]
  while (scripts.length > 0 && branches.length < limit) {
    const script = scripts.pop()!
    const talk = run(script)
    const taken = talk.choices.map(choice => choice.taken)
    branches.push({ choose: taken, talk })
    // later choices vary first, and lower options are popped first
    for (let at = script.length; at < talk.choices.length; at++)
      for (let option = talk.choices[at]!.options - 1; option >= 0; option--)
        if (option !== taken[at]) scripts.push([...taken.slice(0, at), option])
  }
  return { branches, cut: scripts.length > 0 }
}
