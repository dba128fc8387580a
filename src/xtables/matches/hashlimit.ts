import type { Packet } from '../../model/packet.js'
import { packetLength } from '../../skb/packet-summary.js'
import { type Family, ipBits } from '../../values/ip.js'
import { type ArgsOf, defineMatch, type RuleEnv } from '../extension.js'
import { readUint } from '../numbers.js'
import { option } from '../options.js'
import { maskedKey } from '../sets/element.js'
import { flag, text, uint } from '../values.js'
import { wordBits } from './bits.js'
import {
  byteBurstText,
  byteRateText,
  bytesPerSecond,
  bytesToCost,
  isByteRate,
  overflows,
  readBytes,
} from './byte-rate.js'
import { Bucket, rateText, readRate } from './rate.js'

/** XT_HASHLIMIT_SCALE_v2: a rate is kept as millionths of a second between two packets. */
const SCALE = 1_000_000
const DEFAULT_BURST = 5

/** Packets a time, or bytes a second; `above` where the match asks for more than it. */
interface Rate {
  readonly above: boolean
  readonly period: number
  readonly bytes: boolean
}

const options = {
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
type Args = ArgsOf<typeof options>

/** Milliseconds after which an idle entry is forgotten, unless told: the rate's own unit. */
function defaultExpire(rate: Rate): number {
  if (rate.bytes) return 15_000
  const unit = rateText(rate.period, SCALE).split('/')[1]
  return unit === 'day' ? 86_400_000 : unit === 'hour' ? 3_600_000 : unit === 'min' ? 60_000 : 1000
}

function burstOf({ rate, burst }: Args): number {
  if (!burst) return rate?.value.bytes ? 0 : DEFAULT_BURST
  if (!rate?.value.bytes) return readUint(burst.value, 1_000_000, 1)
  const bytes = readBytes(burst.value.replace(/b$/i, ''))
  const rateBytes = bytesPerSecond(rate.value.period)
  return bytes < rateBytes ? 0 : Math.ceil(bytes / rateBytes)
}

const width = (family: Family): number => (family === 'ipv4' ? 32 : 128)

export const hashlimit = defineMatch({
  name: 'hashlimit',
  summary: 'a limit for each source, destination or port, kept under a name',
  doc: 'As limit, with a bucket for every combination of what --hashlimit-mode lists. Rules that give the same name share buckets.',
  kernel: 'net/netfilter/xt_hashlimit.c hashlimit_mt()',
  options,
  check(args, { family }) {
    const { rate, burst, name, srcMask, dstMask } = args
    if (!rate) return 'You have to specify --hashlimit-upto or --hashlimit-above'
    if (name && (name.value.includes('/') || name.value === '.' || name.value === '..'))
      return `bad table name "${name.value}"`
    if (Math.max(srcMask?.value ?? 0, dstMask?.value ?? 0) > width(family))
      return `a mask may have ${width(family)} bits at most`
    const n = burstOf(args)
    if (!rate.value.bytes && Number.isNaN(n))
      return 'bad value for option "--hashlimit-burst", or out of range (1-1000000).'
    if (rate.value.bytes && burst && !(n >= 1 && n < Number.POSITIVE_INFINITY))
      return `burst cannot be smaller than ${bytesPerSecond(rate.value.period)}b`
    return !rate.value.bytes && overflows(rate.value.period, n)
      ? 'the rate and the burst are too large'
      : undefined
  },
  complete: args =>
    args.rate?.not
      ? { ...args, rate: { value: { ...args.rate.value, above: !args.rate.value.above }, not: false } }
      : args,
  save(args, { family }) {
    const rate = args.rate!.value
    const out: string[] = [rate.above ? '--hashlimit-above' : '--hashlimit-upto']
    const burst = burstOf(args)
    if (rate.bytes) {
      out.push(byteRateText(rate.period))
      if (burst > 0) out.push('--hashlimit-burst', byteBurstText(rate.period, burst))
    } else out.push(rateText(rate.period, SCALE), '--hashlimit-burst', String(burst))
    if (args.mode && args.mode.value.length > 0) out.push('--hashlimit-mode', args.mode.value.join(','))
    out.push('--hashlimit-name', args.name!.value)
    const number = (name: string, arg: { readonly value: number } | undefined, hidden: number): void => {
      if (arg && arg.value !== hidden) out.push(`--hashlimit-${name}`, String(arg.value))
    }
    number('htable-size', args.size, 0)
    number('htable-max', args.max, 0)
    number('htable-gcinterval', args.gc, 1000)
    number('htable-expire', args.expire, defaultExpire(rate))
    number('srcmask', args.srcMask, width(family))
    number('dstmask', args.dstMask, width(family))
    if (args.rateMatch) out.push('--hashlimit-rate-match')
    // without rate matching the interval is forgotten
    if (args.rateMatch) number('rate-interval', args.interval, 1)
    return out
  },
  match(env, args) {
    if (!args.rate) return 'unknown'
    if (args.rateMatch) return 'unknown'
    const { value } = args.rate
    const within = bucketOf(env, args).take(
      value.bytes ? packetLength(env.skb.packet) : value.period / SCALE,
      env.now,
    )
    return within !== value.above
  },
  because(env, args) {
    if (!args.rate || args.rateMatch) return 'the rate seen before is not told'
    const { value } = args.rate
    const rate = value.bytes ? byteRateText(value.period) : rateText(value.period, SCALE)
    const left = bucketOf(env, args).holds(env.now)
    const unit = value.bytes
      ? `${Math.floor(left)} bytes`
      : `${Math.floor((left * SCALE) / value.period)} packets`
    return `limit ${args.name?.value} of ${rate}: there is room for ${unit} more`
  },
})

function bucketOf(env: RuleEnv, args: Args): Bucket {
  const table = env.memory.get(`hashlimit:${env.family}:${args.name!.value}`, () => new Map<string, Bucket>())
  const key = keyOf(env.skb.packet, args)
  let bucket = table.get(key)
  if (!bucket) {
    const { period, bytes } = args.rate!.value
    const burst = burstOf(args)
    if (bytes) {
      const perSecond = bytesPerSecond(period)
      bucket = new Bucket(perSecond * Math.max(1, burst), perSecond, env.now)
    } else bucket = new Bucket((period * burst) / SCALE, 1, env.now)
    table.set(key, bucket)
  }
  return bucket
}

function keyOf(packet: Packet, { mode, srcMask, dstMask }: Args): string {
  const full = packet.family === 'ipv4' ? 32 : 128
  const has = (word: string): boolean => mode?.value.includes(word) ?? false
  return [
    has('srcip') ? maskedKey(ipBits(packet.src), srcMask?.value ?? full) : '',
    has('dstip') ? maskedKey(ipBits(packet.dst), dstMask?.value ?? full) : '',
    has('srcport') ? packet.sport : '',
    has('dstport') ? packet.dport : '',
  ].join(' ')
}
