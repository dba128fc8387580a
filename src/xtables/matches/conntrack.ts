import type { ConntrackEntry } from '../../conntrack/entry.js'
import { connectionOf } from '../../skb/skb.js'
import { type Family, type Ip, ipBits } from '../../values/ip.js'
import { sameUnderMask } from '../../values/prefix.js'
import { type Network, networkText } from '../addresses.js'
import { defineMatch, type RuleEnv, type Truth } from '../extension.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { inRange, type Range, rangeText } from '../values.js'
import { type Args, options } from './conntrack-options.js'
import { ctDirection, ctState } from './ct-state.js'

/** The IPS_* bits that --ctstatus can ask for. Expectations aren't modelled: a related entry has a master. */
const statuses = (e: ConntrackEntry): readonly string[] => [
  ...(e.master ? ['EXPECTED'] : []),
  ...(e.seenReply ? ['SEEN_REPLY'] : []),
  ...(e.assured ? ['ASSURED'] : []),
  ...(e.confirmed ? ['CONFIRMED'] : []),
]

function stateParts({ skb }: RuleEnv, { state }: Args): Part[] {
  if (!state) return []
  const entry = connectionOf(skb)
  const seen: string[] = [
    ctState(skb),
    ...(entry?.srcNat ? ['SNAT'] : []),
    ...(entry?.dstNat ? ['DNAT'] : []),
  ]
  const raw = seen.some(s => state.value.includes(s))
  return [part(raw, state.not, () => `ctstate ${seen.join(',')} is ${isnt(raw)}in ${state.value.join(',')}`)]
}

function entryParts(entry: ConntrackEntry, env: RuleEnv, args: Args): Part[] {
  const out: Part[] = []
  const add = (raw: Truth, not: boolean, says: () => string) => out.push(part(raw, not, says))
  const address = (what: string, seen: Ip, asked: { value: Network; not: boolean } | undefined) => {
    if (!asked) return
    const raw =
      sameFamily(seen, env.family) && sameUnderMask(ipBits(seen), asked.value.bits, asked.value.mask)
    add(raw, asked.not, () => `${what} ${seen} is ${isnt(raw)}${networkText(asked.value)}`)
  }
  const range = (what: string, seen: number, asked: { value: Range; not: boolean } | undefined) => {
    if (!asked) return
    const raw = inRange(seen, asked.value)
    add(raw, asked.not, () => `${what} ${seen} is ${isnt(raw)}${rangeText(asked.value)}`)
  }
  const { original, reply } = entry
  if (args.dir) {
    const seen = ctDirection(env.skb) === 'reply' ? 'REPLY' : 'ORIGINAL'
    const asked = args.dir.value
    add(seen === asked, false, () => `the direction is ${seen}, asked for ${asked}`)
  }
  if (args.proto) {
    const { value, not } = args.proto
    add(
      original.proto === value,
      not,
      () => `ctproto ${original.proto} is ${isnt(original.proto === value)}${value}`,
    )
  }
  address('ctorigsrc', original.src.address, args.origSrc)
  address('ctorigdst', original.dst.address, args.origDst)
  address('ctreplsrc', reply.src.address, args.replSrc)
  address('ctrepldst', reply.dst.address, args.replDst)
  range('ctorigsrcport', original.src.port, args.origSrcPort)
  range('ctorigdstport', original.dst.port, args.origDstPort)
  range('ctreplsrcport', reply.src.port, args.replSrcPort)
  range('ctrepldstport', reply.dst.port, args.replDstPort)
  if (args.status) {
    const seen = statuses(entry)
    const { value, not } = args.status
    const raw = seen.some(s => value.includes(s))
    add(
      raw,
      not,
      () =>
        `ctstatus ${seen.join(',') || 'NONE'} has ${raw ? 'one' : 'none'} of ${value.join(',') || 'NONE'}`,
    )
  }
  // an entry that is not in the table yet has no end yet: 0 s (conntrack_mt(); seen on 6.18)
  range('ctexpire', entry.confirmed ? Math.max(0, Math.floor(entry.expires - env.now)) : 0, args.expire)
  return out
}
const sameFamily = (ip: Ip, family: Family): boolean => ip.includes(':') === (family === 'ipv6')

export const conntrack = defineMatch({
  name: 'conntrack',
  summary: "the connection's state, tuples, status and remaining time",
  doc: 'SNAT and DNAT ask whether the addresses of the connection were altered. A packet without a conntrack entry can fit by --ctstate alone.',
  kernel: 'net/netfilter/xt_conntrack.c conntrack_mt()',
  options,
  check: args => (Object.keys(args).length === 0 ? 'At least one option is required' : undefined),
  ...allOf<Args>((env, args) => {
    const entry = connectionOf(env.skb)
    if (entry) return [...stateParts(env, args), ...entryParts(entry, env, args)]
    // without an entry the kernel stops after the state, and answers no if no state was asked for
    if (args.state) return stateParts(env, args)
    return [part(false, false, () => 'it has no conntrack entry')]
  }),
})
