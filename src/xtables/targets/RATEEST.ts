import { defineTarget } from '../extension.js'
import { BadValue, type OptionSpec, option } from '../options.js'
import { text } from '../values.js'
import { cutBytes } from './given.js'

const UNITS = new Map([
  ['', 1],
  ['us', 1],
  ['usec', 1],
  ['usecs', 1],
  ['ms', 1e3],
  ['msec', 1e3],
  ['msecs', 1e3],
  ['s', 1e6],
  ['sec', 1e6],
  ['secs', 1e6],
])

/** A time in microseconds, kept in 32 bits as the tool does. */
const time = (flag: string): OptionSpec<number> =>
  option({
    flags: [flag],
    words: 1,
    read([word]) {
      const [, number, unit] =
        /^(\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})([a-z]*)$/.exec(word!.toLowerCase()) ?? []
      const scale = UNITS.get(unit ?? '?')
      if (number === undefined || scale === undefined) throw new BadValue(`bad time "${word}" for "${flag}"`)
      return Math.trunc(Number(number) * scale) % 4294967296
    },
    print: us => [
      us >= 1e6 ? `${(us / 1e6).toFixed(1)}s` : us >= 1e3 ? `${(us / 1e3).toFixed(1)}ms` : `${us}us`,
    ],
  })

const QUARTER = 250_000

/** The steps that the kernel has: 0.25 s, 0.5 s, … 8 s; undefined above. */
const stepFor = (us: number): number | undefined => [0, 1, 2, 3, 4, 5].find(i => us <= QUARTER * 2 ** i)

/**
 * The averaging time as a power of two of intervals (net/core/gen_estimator.c keeps a weight of 1 − 2^−n):
 * the largest n whose time constant isn't above the one asked for; undefined where there is none.
 */
function weightFor(interval: number, constant: number): number | undefined {
  for (let n = 1; n < 32; n++)
    if (interval / -Math.log(1 - 2 ** -n) > constant) return n > 1 ? n - 1 : undefined
  return undefined
}

/** Measures the rate of packets for the match of the same name. */
export const rateestTarget = defineTarget({
  name: 'RATEEST',
  summary: 'measure the rate of packets under a name, and go on',
  doc: 'Times are rounded to what the kernel has: intervals of 0.25 s to 8 s, averages over a power of two of them.',
  kernel: 'net/netfilter/xt_RATEEST.c xt_rateest_tg()',
  options: {
    name: {
      ...text('--rateest-name', { required: true, bare: true }),
      read: ([word]: readonly string[]) => cutBytes(word!, 15),
    },
    interval: time('--rateest-interval'),
    average: time('--rateest-ewmalog'),
  },
  check({ interval, average }) {
    if (stepFor(interval?.value ?? 0) === undefined) return 'the interval is larger than 8 seconds'
    return weightFor(interval?.value ?? 0, average?.value ?? 0) === undefined
      ? 'the averaging time is out of range'
      : undefined
  },
  complete(args) {
    const asked = args.interval?.value ?? 0
    const interval = QUARTER * 2 ** (stepFor(asked) ?? 0)
    const average = interval * 2 ** (weightFor(asked, args.average?.value ?? 0) ?? 1)
    return { ...args, interval: { value: interval, not: false }, average: { value: average, not: false } }
  },
  act: () => ({ kind: 'continue' }),
})
