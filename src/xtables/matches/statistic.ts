import { type ArgsOf, defineMatch, negate, type RuleEnv } from '../extension.js'
import { BadValue, option } from '../options.js'
import { stateOf } from '../parts.js'
import { keyword, uint } from '../values.js'

/** The probability as the kernel keeps it: 31 bits of it. */
const ONE = 0x80000000

const options = {
  mode: keyword('--mode', ['random', 'nth'], { required: true }),
  probability: option<number>({
    flags: ['--probability'],
    words: 1,
    negatable: true,
    read([word], _context, as) {
      const p = /^[+]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word!) ? Number(word) : Number.NaN
      if (!(p >= 0 && p <= 1)) throw new BadValue(`bad value for option "${as}", or out of range (0-1).`)
      return Math.round(p * ONE)
    },
    print: n => [(n / ONE).toFixed(11)],
  }),
  every: uint('--every', { min: 1, negatable: true }),
  packet: uint('--packet'),
} as const
type Args = ArgsOf<typeof options>

export const statistic = defineMatch({
  name: 'statistic',
  summary: 'every nth packet, or a share of all packets by chance',
  doc: 'nth counts the packets that reach the rule and fits packet P of every N. random is a choice that a trace takes (the first answer is that it fits) and that can be asked for.',
  kernel: 'net/netfilter/xt_statistic.c statistic_mt()',
  options,
  check({ mode, probability, every, packet }) {
    if (probability && (every || packet))
      return 'option "--probability" cannot be used together with "--every".'
    if (every && !packet) return 'option "--every" also requires "--packet".'
    if (packet && !every) return 'option "--packet" also requires "--every".'
    if (mode?.value === 'random' && !probability)
      return '--probability must be specified when using random mode'
    if (mode?.value === 'nth' && !every) return '--every and --packet must be specified when using nth mode'
    return every && packet && packet.value >= every.value ? 'the --packet p must be 0 <= p <= n-1' : undefined
  },
  match(env, args) {
    const { mode, probability, every, packet } = args
    if (mode?.value === 'nth' && every) {
      // the counter starts so that packet number --packet (from 0) is the first that fits
      const state = counter(env, args, every.value - (packet?.value ?? 0) - 1)
      state.last = state.count === every.value - 1
      state.count = state.last ? 0 : state.count + 1
      return negate(state.last, every.not)
    }
    if (!probability) return 'unknown'
    const p = probability.value / ONE
    if (p === 1 || p === 0) return negate(p === 1, probability.not)
    const fits = probability.not ? 1 - p : p
    const taken = env.choose(
      `statistic --probability ${p.toFixed(11)}`,
      ['match', 'no match'],
      [fits, 1 - fits],
    )
    return taken === 0
  },
  because(env, args) {
    const { mode, probability, every, packet } = args
    if (mode?.value === 'nth' && every) {
      const { last } = counter(env, args, 0)
      return `this packet is ${last ? '' : 'not '}number ${packet?.value ?? 0} of every ${every.value}`
    }
    return `chance decided: the probability is ${(((probability?.value ?? 0) / ONE) * 100).toPrecision(3)} %`
  },
})

const counter = (env: RuleEnv, args: Args, start: number) =>
  stateOf(env, args, () => ({ count: start, last: false }))
