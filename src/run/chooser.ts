import type { Choice } from '../talk/conversation.js'

/** Chance and doubt come in through this door: `statistic --mode random`, ECMP, ports by chance, rules that can't be decided. */
export interface Chooser {
  /** The number of the option taken. */
  pick(question: {
    readonly at: string
    readonly options: readonly string[]
    readonly inDoubt?: boolean
  }): number
  readonly made: readonly (Choice & { readonly names: readonly string[]; readonly inDoubt: boolean })[]
}

/** A bad answer to a choice: said to the user, with the place. */
export class BadChoice extends RangeError {
  override readonly name = 'BadChoice'
}

/**
 * Takes a written list of answers, in the order of the questions, or by the question's name; past its end it
 * takes the first option. Replays any path exactly. @throws BadChoice
 */
export function scripted(script: readonly number[] | Readonly<Record<string, number>> = []): Chooser {
  const made: (Choice & { names: readonly string[]; inDoubt: boolean })[] = []
  const byName = Array.isArray(script) ? undefined : new Map(Object.entries(script as Record<string, number>))
  const inOrder = Array.isArray(script) ? (script as readonly number[]) : []
  return {
    made,
    pick({ at, options, inDoubt = false }) {
      const taken = (byName ? byName.get(at) : inOrder[made.length]) ?? 0
      if (!Number.isInteger(taken) || taken < 0 || taken >= options.length)
        throw new BadChoice(
          `choice ${made.length} (${at}) has the options 0–${options.length - 1}, not ${taken}`,
        )
      made.push({ at, options: options.length, taken, names: options, inDoubt })
      return taken
    },
  }
}
