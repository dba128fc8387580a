import { packetLength } from '../../skb/packet-summary.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { readUint64 } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { stateOf } from '../parts.js'

const options = {
  quota: option<string>({
    flags: ['--quota'],
    words: 1,
    negatable: true,
    required: true,
    read([word], _context, as) {
      const n = readUint64(word!)
      if (n === undefined)
        throw new BadValue(`bad value for option "${as}", or out of range (0-18446744073709551615).`)
      return n.toString()
    },
    print: n => [n],
  }),
} as const
type Args = ArgsOf<typeof options>

export const quota = defineMatch({
  name: 'quota',
  summary: 'fits until so many bytes have passed',
  doc: 'The number in a dump is what was left of the quota then. Once a packet is too large for the rest, nothing fits any more.',
  kernel: 'net/netfilter/xt_quota.c quota_mt()',
  options,
  match(env, args: Args) {
    const state = stateOf(env, args, () => ({ left: Number(args.quota?.value ?? 0), said: '' }))
    const size = packetLength(env.skb.packet)
    const fits = state.left >= size
    state.said = `${size} bytes, with ${state.left} left of the quota`
    state.left = fits ? state.left - size : 0
    return fits !== (args.quota?.not ?? false)
  },
  because: (env, args: Args) =>
    stateOf(env, args, () => ({ left: Number(args.quota?.value ?? 0), said: 'no packet yet' })).said,
})
