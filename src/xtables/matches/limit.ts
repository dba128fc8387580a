import { type ArgsOf, defineMatch, type RuleEnv } from '../extension.js'
import { option } from '../options.js'
import { stateOf } from '../parts.js'
import { uint } from '../values.js'
import { Bucket, rateText, readRate } from './rate.js'

/** XT_LIMIT_SCALE: the rate is kept as ten-thousandths of a second between two packets. */
const SCALE = 10_000
const DEFAULT_PERIOD = (3600 * SCALE) / 3
const DEFAULT_BURST = 5

const options = {
  limit: option<number>({
    flags: ['--limit'],
    words: 1,
    read: ([word]) => readRate(word!, SCALE),
    print: period => [rateText(period, SCALE)],
  }),
  burst: option<number>({
    ...uint('--limit-burst', { max: 10_000 }),
    print: n => (n === DEFAULT_BURST || n === 0 ? undefined : [String(n)]),
  }),
} as const
type Args = ArgsOf<typeof options>

/** user2credits(): with HZ 1000, or 250, a second is 32000 credits; 32 bits only. */
const credits = (x: number): number =>
  (x > 134_217 ? Math.floor(x / SCALE) * 32_000 : Math.floor((x * 32_000) / SCALE)) >>> 0

const bucket = (env: RuleEnv, args: Args) =>
  stateOf(env, args, () => {
    const cost = (args.limit?.value ?? DEFAULT_PERIOD) / SCALE
    return { bucket: new Bucket(cost * (args.burst?.value || DEFAULT_BURST), 1, env.now), cost, said: '' }
  })

export const limit = defineMatch({
  name: 'limit',
  summary: 'fits at most so many packets a second, minute, hour or day',
  doc: 'A token bucket: --limit-burst packets (5) fit at once, then one whenever the rate (3/hour) allows it.',
  kernel: 'net/netfilter/xt_limit.c limit_mt()',
  options,
  check(args, { backend }) {
    // nft_limit.c counts in 64 bits, and takes a burst of 0 for none asked
    if (backend === 'nft') return undefined
    const period = args.limit?.value ?? DEFAULT_PERIOD
    const burst = args.burst?.value ?? DEFAULT_BURST
    // limit_mt_check()
    return burst === 0 || credits((period * burst) % 2 ** 32) < credits(period)
      ? 'Overflow, try lower: --limit and --limit-burst do not go together'
      : undefined
  },
  complete: args => ({ ...args, limit: args.limit ?? { value: DEFAULT_PERIOD, not: false } }),
  match(env, args) {
    const state = bucket(env, args)
    const fits = state.bucket.take(state.cost, env.now)
    state.said = fits ? 'is kept' : 'is exceeded'
    return fits
  },
  because: (env, args) =>
    `the limit of ${rateText(args.limit?.value ?? DEFAULT_PERIOD, SCALE)}, burst ${args.burst?.value ?? DEFAULT_BURST}, ${bucket(env, args).said}`,
})
