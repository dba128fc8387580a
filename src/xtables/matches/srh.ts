import type { ExtensionHeader, Packet } from '../../model/packet.js'
import type { Arg } from '../../model/ruleset.js'
import { extensionLength } from '../../skb/packet-summary.js'
import { ipBits } from '../../values/ip.js'
import { sameUnderMask } from '../../values/prefix.js'
import { type Network, network } from '../addresses.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { headerOf } from './extension-headers.js'
import { uint16, uint8 } from '../values.js'

const negatable = { negatable: true } as const
const sid = (flagName: string) => network(flagName, { negatable: true, full: 'show', keepHost: true })

const options = {
  nextHeader: uint8('--srh-next-hdr', negatable),
  lenEq: uint8('--srh-hdr-len-eq', negatable),
  lenGt: uint8('--srh-hdr-len-gt', negatable),
  lenLt: uint8('--srh-hdr-len-lt', negatable),
  segsEq: uint8('--srh-segs-left-eq', negatable),
  segsGt: uint8('--srh-segs-left-gt', negatable),
  segsLt: uint8('--srh-segs-left-lt', negatable),
  lastEq: uint8('--srh-last-entry-eq', negatable),
  lastGt: uint8('--srh-last-entry-gt', negatable),
  lastLt: uint8('--srh-last-entry-lt', negatable),
  tag: uint16('--srh-tag', negatable),
  previous: sid('--srh-psid'),
  next: sid('--srh-nsid'),
  last: sid('--srh-lsid'),
} as const

/** Routing header type 4 (RFC 8754). */
const SEGMENTS = 4
/** Tags are not part of a simulated packet; senders that use none leave 0. */
const TAG = 0
const NEXT_HEADER = { hbh: 0, dst: 60, rt: 43, ah: 51, frag: 44 } as const

export const srh = defineMatch({
  name: 'srh',
  summary: 'the segment routing header of an IPv6 packet',
  doc: 'Its next header, length, segments left, last entry, and the previous, next and last segment. A packet without one does not fit, with or without `!`.',
  kernel: 'net/ipv6/netfilter/ip6t_srh.c srh1_mt6()',
  family: 'ipv6',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, args) => {
    const header = headerOf(packet, 'rt')
    if (header?.type !== SEGMENTS || header.segmentsLeft > header.addresses.length - 1)
      return [part(false, false, () => 'it has no segment routing header')]
    const parts: Part[] = []
    const last = header.addresses.length - 1
    const left = header.segmentsLeft
    const number = (
      what: string,
      seen: number,
      asked: Arg<number> | undefined,
      fits: (n: number) => boolean,
      how: string,
    ) => {
      if (asked)
        parts.push(
          part(
            fits(asked.value),
            asked.not,
            () => `${what} ${seen} is ${isnt(fits(asked.value))}${how}${asked.value}`,
          ),
        )
    }
    number(
      'the next header',
      nextAfter(packet, header),
      args.nextHeader,
      n => nextAfter(packet, header) === n,
      '',
    )
    // in units of eight bytes, the first ones not counted
    const length = extensionLength(header) / 8 - 1
    for (const [what, seen, eq, gt, lt] of [
      ['its length', length, args.lenEq, args.lenGt, args.lenLt],
      ['segments left', left, args.segsEq, args.segsGt, args.segsLt],
      ['the last entry', last, args.lastEq, args.lastGt, args.lastLt],
    ] as const) {
      number(what, seen, eq, n => seen === n, '')
      number(what, seen, gt, n => seen > n, 'above ')
      number(what, seen, lt, n => seen < n, 'below ')
    }
    number('the tag', TAG, args.tag, n => n === TAG, '')
    const segment = (what: string, at: number | undefined, asked: Arg<Network> | undefined) => {
      if (!asked) return
      const address = at === undefined ? undefined : header.addresses[at]
      // a segment that is not there fits nothing, negated or not
      if (address === undefined) parts.push(part(false, false, () => `it has no ${what} segment`))
      else {
        const { mask, address: base } = asked.value
        const raw = sameUnderMask(ipBits(address), ipBits(base), mask)
        parts.push(part(raw, asked.not, () => `its ${what} segment is ${address}`))
      }
    }
    // the list is written backwards: the next segment stands before the one that is under way
    segment('previous', left === last ? undefined : left + 1, args.previous)
    segment('next', left === 0 ? undefined : left - 1, args.next)
    segment('last', 0, args.last)
    return parts
  }),
})

/** What the header announces: the one behind it, or the protocol. */
function nextAfter(packet: Packet, header: ExtensionHeader): number {
  const next = packet.headers?.[packet.headers.indexOf(header) + 1]
  if (next) return NEXT_HEADER[next.kind]
  return packet.moreFragments || packet.fragmentOffset > 0 ? NEXT_HEADER.frag : packet.proto
}
