import type { Packet } from '../../model/packet.js'
import { packetLength } from '../../skb/packet-summary.js'
import { ipBits, widthOf } from '../../values/ip.js'
import { defineMatch, type RuleEnv } from '../extension.js'
import { maskedKey } from '../sets/element.js'
import { byteBurstText, byteRateText, bytesPerSecond, overflows } from './byte-rate.js'
import { type Args, burstOf, defaultExpire, options, SCALE } from './hashlimit-options.js'
import { Bucket, rateText } from './rate.js'

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
    if (Math.max(srcMask?.value ?? 0, dstMask?.value ?? 0) > widthOf(family))
      return `a mask may have ${widthOf(family)} bits at most`
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
    number('srcmask', args.srcMask, widthOf(family))
    number('dstmask', args.dstMask, widthOf(family))
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
  const full = widthOf(packet.family)
  const has = (word: string): boolean => mode?.value.includes(word) ?? false
  return [
    has('srcip') ? maskedKey(ipBits(packet.src), srcMask?.value ?? full) : '',
    has('dstip') ? maskedKey(ipBits(packet.dst), dstMask?.value ?? full) : '',
    has('srcport') ? packet.sport : '',
    has('dstport') ? packet.dport : '',
  ].join(' ')
}
