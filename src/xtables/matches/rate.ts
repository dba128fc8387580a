import { BadValue } from '../options.js'

/** Units of a rate in seconds, longest first, as they are printed. */
const UNITS = [
  { seconds: 86400, name: 'day' },
  { seconds: 3600, name: 'hour' },
  { seconds: 60, name: 'min' },
  { seconds: 1, name: 'sec' },
] as const
const SPELLINGS = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86400],
] as const

/**
 * `5/minute` as the kernel keeps a rate: the time between two packets, in `scale` parts of a second (10⁴ for
 * limit, 10⁶ for hashlimit), rounded down. @throws BadValue
 */
export function readRate(word: string, scale: number): number {
  const [, digits, unit] = /^\s*(\d{1,15})[^/]*(?:\/(.*))?$/.exec(word) ?? []
  const seconds =
    unit === undefined
      ? 1
      : unit === ''
        ? undefined
        : SPELLINGS.find(([s]) => s.startsWith(unit.toLowerCase()))?.[1]
  if (digits === undefined || seconds === undefined || Number(digits) === 0)
    throw new BadValue(`bad rate "${word}"`)
  const period = Math.floor((scale * seconds) / Number(digits))
  if (period === 0) throw new BadValue(`Rate too fast "${word}"`)
  return period
}

/** The rate in the longest unit that still tells it exactly enough, as print_rate() chooses it. */
export function rateText(period: number, scale: number): string {
  if (period === 0) return 'inf'
  let i = 1
  for (; i < UNITS.length; i++) {
    const unit = UNITS[i]!.seconds * scale
    if (period > unit || Math.floor(unit / period) < unit % period) break
  }
  const { seconds, name } = UNITS[i - 1]!
  return `${Math.floor((seconds * scale) / period)}/${name}`
}

/** A token bucket: full at first, refilled with time, a packet takes `cost`. Times in seconds. */
export class Bucket {
  private credit: number
  private at: number
  constructor(
    private readonly capacity: number,
    private readonly perSecond: number,
    now: number,
  ) {
    this.credit = capacity
    this.at = now
  }
  /** What is in it at a time. */
  holds(now: number): number {
    return Math.min(this.capacity, this.credit + Math.max(0, now - this.at) * this.perSecond)
  }
  /** Takes `cost`, if there is so much. */
  take(cost: number, now: number): boolean {
    this.credit = this.holds(now)
    this.at = now
    // a nanosecond's worth of slack: times are sums of decimal fractions
    if (this.credit + this.perSecond * 1e-9 < cost) return false
    this.credit -= cost
    return true
  }
}
