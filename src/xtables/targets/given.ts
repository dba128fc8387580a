import type { Arg } from '../../model/ruleset.js'

/** An argument as if it had been written, without a `!`. */
export const given = <T>(value: T): Arg<T> => ({ value, not: false })

/** The names of those that are given, for "only one of these" and "one of these". */
export const givenOf = (args: object, keys: readonly string[]): readonly string[] =>
  keys.filter(k => Object.hasOwn(args, k) && (args as Record<string, unknown>)[k] !== undefined)

/** Complains unless exactly one of the options is given. `flags` maps keys to spellings. */
export function exactlyOne(args: object, flags: Readonly<Record<string, string>>): string | undefined {
  return atMostOne(args, flags) ?? atLeastOne(args, flags)
}

export function atMostOne(args: object, flags: Readonly<Record<string, string>>): string | undefined {
  const [first, second] = givenOf(args, Object.keys(flags))
  return second === undefined
    ? undefined
    : `option "${flags[first!]}" cannot be used together with "${flags[second]}"`
}

export function atLeastOne(args: object, flags: Readonly<Record<string, string>>): string | undefined {
  if (givenOf(args, Object.keys(flags)).length > 0) return undefined
  const names = Object.values(flags)
  return names.length === 1 ? `${names[0]} is required` : `one of ${names.join(', ')} is required`
}

/** Cuts text to a number of UTF-8 bytes, as a fixed field of the kernel does, but never inside a character. */
export function cutBytes(text: string, max: number): string {
  let bytes = 0
  let end = 0
  for (const char of text) {
    const code = char.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (bytes > max) break
    end += char.length
  }
  return text.slice(0, end)
}
