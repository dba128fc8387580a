import type { ArgsOf } from '../extension.js'
import { readUint } from '../numbers.js'
import { option } from '../options.js'
import { flag, text, uint } from '../values.js'
import { wordBits } from './bits.js'
import { byteRateText, bytesPerSecond, bytesToCost, isByteRate, readBytes } from './byte-rate.js'
import { rateText, readRate } from './rate.js'

/** XT_HASHLIMIT_SCALE_v2: a rate is kept as millionths of a second between two packets. */
export const SCALE = 1_000_000
const DEFAULT_BURST = 5

/** Packets a time, or bytes a second; `above` where the match asks for more than it. */
export interface Rate {
  readonly above: boolean
  readonly period: number
  readonly bytes: boolean
}

export const options = {
  rate: option<Rate>({
    flags: ['--hashlimit-upto', '--hashlimit-above', '--hashlimit'],
    words: 1,
    negatable: true,
    read([word], _context, as) {
      const above = as === '--hashlimit-above'
      if (isByteRate(word!))
        return { above, bytes: true, period: bytesToCost(readBytes(word!.replace(/b?\/s(ec(ond)?)?$/i, ''))) }
      return { above, bytes: false, period: readRate(word!, SCALE) }
    },
    print: r => [r.bytes ? byteRateText(r.period) : rateText(r.period, SCALE)],
    printFlag: r => (r.above ? '--hashlimit-above' : '--hashlimit-upto'),
  }),
  burst: option<string>({ flags: ['--hashlimit-burst'], words: 1, read: ([word]) => word!, print: b => [b] }),
  mode: wordBits(
    ['--hashlimit-mode'],
    ['srcip', 'srcport', 'dstip', 'dstport'],
    w => `Bad value for "--hashlimit-mode" option: "${w}"`,
    { none: '' },
  ),
  name: text('--hashlimit-name', { required: true, bare: true, min: 1, max: 254 }),
  size: uint('--hashlimit-htable-size'),
  max: uint('--hashlimit-htable-max'),
  gc: uint('--hashlimit-htable-gcinterval'),
  expire: uint('--hashlimit-htable-expire'),
  srcMask: uint('--hashlimit-srcmask', { max: 128 }),
  dstMask: uint('--hashlimit-dstmask', { max: 128 }),
  rateMatch: flag('--hashlimit-rate-match'),
  interval: uint('--hashlimit-rate-interval', { min: 1 }),
} as const
export type Args = ArgsOf<typeof options>

/** Milliseconds after which an idle entry is forgotten, unless told: the rate's own unit. */
export function defaultExpire(rate: Rate): number {
  if (rate.bytes) return 15_000
  const unit = rateText(rate.period, SCALE).split('/')[1]
  return unit === 'day' ? 86_400_000 : unit === 'hour' ? 3_600_000 : unit === 'min' ? 60_000 : 1000
}

export function burstOf({ rate, burst }: Args): number {
  if (!burst) return rate?.value.bytes ? 0 : DEFAULT_BURST
  if (!rate?.value.bytes) return readUint(burst.value, 1_000_000, 1)
  const bytes = readBytes(burst.value.replace(/b$/i, ''))
  const rateBytes = bytesPerSecond(rate.value.period)
  return bytes < rateBytes ? 0 : Math.ceil(bytes / rateBytes)
}
