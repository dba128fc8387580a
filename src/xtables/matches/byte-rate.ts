import { BadValue } from '../options.js'

/** Rates in bytes, as hashlimit keeps them: in blocks of 16 bytes, as a 32-bit fraction. */
const SHIFT = 16
const MAX = 0xffffffff
const UNITS = [
  [1 << 20, 'm'],
  [1 << 10, 'k'],
  [1, ''],
] as const

export const isByteRate = (word: string): boolean => /b\/s/i.test(word)

/** `512k`, `1m`, `1000`. @throws BadValue */
export function readBytes(word: string): number {
  const [, digits, unit] = /^(\d{1,12})([km]?)$/i.exec(word) ?? []
  if (digits === undefined) throw new BadValue(`bad value "${word}": a number of bytes, with k or m`)
  const bytes = Number(digits) * (unit === '' ? 1 : unit!.toLowerCase() === 'k' ? 1024 : 1 << 20)
  if (bytes > MAX) throw new BadValue(`"${word}" is too many bytes`)
  return bytes
}

/** bytes_to_cost() of libxt_hashlimit. @throws BadValue */
export const bytesToCost = (bytes: number): number => Math.floor(MAX / (Math.floor(bytes / SHIFT) + 1))
/** The rate that a cost stands for. */
export const bytesPerSecond = (cost: number): number =>
  ((cost > 0 ? Math.floor(MAX / cost) : MAX) - 1) * SHIFT

export function byteRateText(cost: number): string {
  const bytes = bytesPerSecond(cost)
  const [size, name] =
    UNITS.find(([size]) => bytes >= size && bytesToCost(bytes - (bytes % size)) === cost) ?? UNITS[2]
  return `${Math.floor(bytes / size)}${name}b/s`
}

export function byteBurstText(cost: number, burst: number): string {
  const bytes = bytesPerSecond(cost) * burst
  const [size, name] = UNITS.find(([size]) => bytes >= size) ?? UNITS[2]
  return `${Math.floor(bytes / size)}${name}b`
}

/** user2credits() in 64 bits overflows: hashlimit_mt_check_common() refuses the rule. */
export function overflows(period: number, burst: number): boolean {
  const credits = (x: bigint): bigint => (x * 137_438_953n) & 0xffffffffffffffffn
  const one = BigInt(period)
  return credits(one * BigInt(burst)) < credits(one)
}
