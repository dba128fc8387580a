import { Option } from 'commander'
import { didYouMean } from '../parse/problems.js'
import { UsageError } from './usage-error.js'

/** An option with a closed list of words; a mistyped word is answered with the nearest ones. */
export function wordOption(flags: string, what: string, words: readonly string[], preset: string): Option {
  return new Option(flags, `${what}: ${words.join(', ')}`).default(preset).argParser((word: string) => {
    if (words.includes(word)) return word
    const flag = flags.split(' ')[0]
    throw new UsageError(
      'bad-word',
      `error: ${flag} ${word}: expected one of ${words.join(', ')}${didYouMean(word, words)}`,
    )
  })
}

export const formatOption = (formats: readonly string[], preset = formats[0]!): Option =>
  wordOption('--format <format>', 'what to print', formats, preset)

/** Collects an option that may be given more than once. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]
