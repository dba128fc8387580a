import { BadValue } from '../options.js'

export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
/** The largest time that 32 bits hold, signed: 2038-01-19T03:14:07. */
export const LAST_SECOND = 2_147_483_647
const two = (n: number): string => String(n).padStart(2, '0')

/** `hh:mm` or `hh:mm:ss` as seconds of the day. @throws BadValue */
export function readClock(word: string): number {
  const [, h, m, s] = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(word) ?? []
  const [hour, minute, second] = [Number(h), Number(m), Number(s ?? 0)]
  if (h === undefined || hour > 23 || minute > 59 || second > 59)
    throw new BadValue(
      `invalid time "${word}" specified, should be hh:mm[:ss] format and within the boundaries`,
    )
  return hour * 3600 + minute * 60 + second
}
export const clockText = (n: number): string =>
  `${two(Math.floor(n / 3600))}:${two(Math.floor(n / 60) % 60)}:${two(n % 60)}`

/** `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]` in UTC, as seconds since 1970. @throws BadValue */
export function readDate(word: string): number {
  const found = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:T(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?)?)?)?$/.exec(
    word,
  )
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(i =>
    Number(found?.[i] ?? (i === 2 || i === 3 ? 1 : 0)),
  )
  if (
    !found ||
    year! < 1970 ||
    year! > 2038 ||
    month! < 1 ||
    month! > 12 ||
    day! < 1 ||
    day! > 31 ||
    hour! > 23 ||
    minute! > 59 ||
    second! > 59
  )
    throw new BadValue(`Invalid date "${word}" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`)
  const seconds = Date.UTC(year!, month! - 1, day!, hour, minute, second) / 1000
  if (seconds > LAST_SECOND) throw new BadValue(`the date "${word}" lies beyond ${dateText(LAST_SECOND)}`)
  return seconds
}
export const dateText = (n: number): string => new Date(n * 1000).toISOString().slice(0, 19)

/** Days of the month (1–31), or of the week by number (Monday is 1) or beginning of a name; sorted. @throws BadValue */
export function readDays(word: string, kind: 'month' | 'week'): readonly number[] {
  const found = new Set<number>()
  for (const item of word.split(',')) {
    const last = kind === 'month' ? 31 : 7
    const byName =
      kind === 'week' && item.length >= 2
        ? DAYS.findIndex(d => d.slice(0, 2).toLowerCase() === item.slice(0, 2).toLowerCase()) + 1
        : 0
    const n = /^\d{1,2}$/.test(item) ? Number(item) : byName
    if (n < 1 || n > last)
      throw new BadValue(
        kind === 'month' ? `"${item}" is no day of a month (1-31)` : `${item} is not a valid day specifier`,
      )
    found.add(n)
  }
  return [...found].sort((a, b) => a - b)
}
