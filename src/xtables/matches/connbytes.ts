import { type ArgsOf, defineMatch } from '../extension.js'
import { readUint64 } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { allOf, isnt, part } from '../parts.js'
import { keyword } from '../values.js'

/** Counters of 64 bits, as decimal digits; no `to`: without end. */
interface CounterRange {
  readonly from: string
  readonly to?: string
}
const text = (r: CounterRange): string => (r.to === undefined ? r.from : `${r.from}:${r.to}`)

const options = {
  range: option<CounterRange>({
    flags: ['--connbytes'],
    words: 1,
    negatable: true,
    required: true,
    read([word], _context, as) {
      const [low, high, more] = word!.split(':')
      const number = (digits: string): bigint => {
        const n = readUint64(digits)
        if (n === undefined || more !== undefined)
          throw new BadValue(`bad value for option "${as}" near "${digits}"`)
        return n
      }
      const from = low === '' && high !== undefined ? 0n : number(low!)
      if (high === undefined || high === '') return { from: from.toString() }
      const to = number(high)
      if (to < from) throw new BadValue(`${from} should be less than ${to}`)
      return { from: from.toString(), to: to.toString() }
    },
    print: r => [text(r)],
  }),
  mode: keyword('--connbytes-mode', ['packets', 'bytes', 'avgpkt'], { required: true }),
  dir: keyword('--connbytes-dir', ['original', 'reply', 'both'], { required: true }),
} as const

export const connbytes = defineMatch({
  name: 'connbytes',
  summary: 'packets or bytes that a connection has carried so far',
  doc: 'Counts only where net.netfilter.nf_conntrack_acct is 1; without it, or without an entry, nothing fits.',
  kernel: 'net/netfilter/xt_connbytes.c connbytes_mt()',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { ct }, netns }, { range, mode, dir }) => {
    if (!range || !mode || !dir) return []
    if (ct?.kind !== 'tracked') return [part(false, false, () => 'it has no conntrack entry')]
    // the match itself switches accounting on for entries made after it was loaded, since Linux 2.6.36
    if (netns.sysctl['net.netfilter.nf_conntrack_acct'] === undefined)
      return [part('unknown', false, () => 'net.netfilter.nf_conntrack_acct was not dumped')]
    if (netns.sysctl['net.netfilter.nf_conntrack_acct'] === '0')
      return [part(false, false, () => 'net.netfilter.nf_conntrack_acct is 0: connections are not counted')]
    const { packets, bytes } = ct.entry
    const sum = (c: { original: number; reply: number }): number =>
      dir.value === 'both' ? c.original + c.reply : c[dir.value]
    const seen =
      mode.value === 'packets'
        ? sum(packets)
        : mode.value === 'bytes'
          ? sum(bytes)
          : Math.floor(sum(bytes) / Math.max(1, sum(packets)))
    const raw =
      seen >= Number(range.value.from) && (range.value.to === undefined || seen <= Number(range.value.to))
    return [
      part(
        raw,
        range.not,
        () => `${mode.value} (${dir.value}) ${seen} is ${isnt(raw)}in ${text(range.value)}`,
      ),
    ]
  }),
})
