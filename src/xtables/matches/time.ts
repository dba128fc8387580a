import { type ArgsOf, defineMatch } from '../extension.js'
import { option } from '../options.js'
import { allOf, isnt, part } from '../parts.js'
import { flag } from '../values.js'
import { clockText, dateText, DAYS, LAST_SECOND, readClock, readDate, readDays } from './time-values.js'

const END_OF_DAY = 86_399
const clock = (flagName: string) =>
  option<number>({
    flags: [flagName],
    words: 1,
    read: ([word]) => readClock(word!),
    print: n => [clockText(n)],
  })
const days = (flagName: string, kind: 'month' | 'week') =>
  option<readonly number[]>({
    flags: [flagName],
    words: 1,
    negatable: true,
    read: ([word]) => readDays(word!, kind),
    print: list => [list.map(n => (kind === 'week' ? DAYS[n - 1] : n)).join(',')],
  })
const date = (flagName: string, end: boolean) =>
  option<number>({
    flags: [flagName],
    words: 1,
    read: ([word]) => readDate(word!),
    // the tool prints an end always: no end is the last second of 32 bits
    print: n => (!end && n === 0 ? undefined : [dateText(n)]),
  })

const options = {
  start: clock('--timestart'),
  stop: clock('--timestop'),
  monthdays: days('--monthdays', 'month'),
  weekdays: days('--weekdays', 'week'),
  from: date('--datestart', false),
  to: date('--datestop', true),
  kerneltz: flag(['--kerneltz', '--localtz']),
  utc: option<true>({ flags: ['--utc'], words: 0, read: () => true, print: () => undefined }),
  contiguous: flag('--contiguous'),
} as const
type Args = ArgsOf<typeof options>

/** `! --weekdays Mon` is kept, and printed, as all the other days. */
function others(arg: Args['monthdays'], last: number): Args['monthdays'] {
  if (!arg?.not) return arg
  const rest = Array.from({ length: last }, (_, i) => i + 1).filter(n => !arg.value.includes(n))
  return { value: rest, not: false }
}

const DAY = 86_400

/** time_mt(): the date, the time of day (which may pass midnight), the day of the week and of the month. */
function isTime(stamp: number, { from, to, start, stop, contiguous, weekdays, monthdays }: Args): boolean {
  if (stamp < (from?.value ?? 0) || stamp > (to?.value ?? LAST_SECOND)) return false
  const [first, last] = [start?.value ?? 0, stop?.value ?? END_OF_DAY]
  const second = stamp % DAY
  const overnight = first >= last
  if (overnight ? second < first && second > last : second < first || second > last) return false
  // past midnight it is still the day on which it began
  const day = new Date((overnight && contiguous && second <= last ? stamp - DAY : stamp) * 1000)
  if (weekdays && !weekdays.value.includes(day.getUTCDay() || 7)) return false
  return !monthdays || monthdays.value.includes(day.getUTCDate())
}

export const time = defineMatch({
  name: 'time',
  summary: 'the time of day, the day of the week or month, the date',
  doc: 'In UTC, or with --kerneltz in the time zone that the kernel was told. A question tells what time it is with --now; where it does not, the answer is unknown.',
  kernel: 'net/netfilter/xt_time.c time_mt()',
  options,
  check({ start, stop, contiguous, kerneltz, utc }) {
    if (kerneltz && utc) return 'option "--utc" cannot be used together with "--kerneltz".'
    return contiguous && (start?.value ?? 0) < (stop?.value ?? END_OF_DAY)
      ? '--contiguous only makes sense when stoptime is smaller than starttime'
      : undefined
  },
  complete({ monthdays, weekdays, start, stop, ...args }) {
    const from = start?.value ?? 0
    const until = stop?.value ?? END_OF_DAY
    const month = others(monthdays, 31)
    const week = others(weekdays, 7)
    const all = (arg: Args['monthdays'], last: number): boolean => !arg || arg.value.length === last
    return {
      ...args,
      ...(!all(month, 31) && month && { monthdays: month }),
      ...(!all(week, 7) && week && { weekdays: week }),
      // both ends of the day are printed, or neither
      ...((from !== 0 || until !== END_OF_DAY) && {
        start: { value: from, not: false },
        stop: { value: until, not: false },
      }),
      to: args.to ?? { value: LAST_SECOND, not: false },
    }
  },
  ...allOf<Args>(({ clock }, args) => {
    if (clock === undefined) return [part('unknown', false, () => 'what time it is was not told (--now)')]
    if (args.kerneltz) return [part('unknown', false, () => "the kernel's time zone is not told")]
    const raw = isTime(Math.floor(clock), args)
    return [part(raw, false, () => `${dateText(clock)} is ${isnt(raw)}the time`)]
  }),
})
