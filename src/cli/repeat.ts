import type { Command } from 'commander'
import type { ConverseOptions } from '../talk/converse.js'
import { UsageError } from './usage-error.js'

/** How often a question is asked on the state that it leaves behind, and how much it asks with, as typed. */
export interface RepeatOptions {
  readonly repeat?: string
  readonly wait?: string
  readonly size?: string
}

export const addRepeatOptions = (command: Command): Command =>
  command
    .option(
      '--repeat <times>',
      'ask again, from the same ports, on what conntrack and IPVS remember; the last time is told',
    )
    .option('--wait <time>', 'virtual time between two: 40s, 500ms, 2m, 1h (alone: --repeat 2)')
    .option(
      '--size <bytes>',
      'bytes of the question, for path MTU: TCP asks in segments, UDP in one datagram',
    )

const MOST_ROUNDS = 50
/** Ten days: longer than any entry lives by default. */
const LONGEST_WAIT = 864_000
const UNITS = new Map([
  ['ms', 0.001],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
])

/** @throws UsageError */
export function repeatOf({ repeat, wait }: RepeatOptions): Pick<ConverseOptions, 'repeat' | 'wait'> {
  const times = repeat === undefined ? undefined : whole('--repeat', repeat, 1, MOST_ROUNDS)
  if (wait === undefined) return times === undefined ? {} : { repeat: times }
  return { repeat: times ?? 2, wait: seconds(wait) }
}

/** @throws UsageError */
export const sizeOf = ({ size }: RepeatOptions): number | undefined =>
  size === undefined ? undefined : whole('--size', size, 0, 65_507)

function seconds(text: string): number {
  const [, number = '', unit = 's'] = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)?$/.exec(text) ?? []
  const time = Number(number) * UNITS.get(unit)!
  if (number !== '' && time <= LONGEST_WAIT) return time
  throw new UsageError(
    'bad-wait',
    `error: --wait ${text}: expected a time such as 40s, 500ms, 2m or 1h, ten days at most`,
  )
}

function whole(flag: string, text: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : -1
  if (number >= least && number <= most) return number
  throw new UsageError(
    'bad-number',
    `error: ${flag} ${text}: expected a whole number from ${least} to ${most}`,
  )
}

/** --retries. @throws UsageError */
export function readCount(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text)
  throw new UsageError('bad-count', `error: --retries ${text}: expected a number from 0 to 99`)
}
