import type { Packet } from '../../model/packet.js'
import type { Arg } from '../../model/ruleset.js'
import { hasTransport, isnt, type Part, part } from '../parts.js'
import type { RuleEnv } from '../extension.js'
import { inRange, portRange, type Range, rangeText } from '../values.js'

/** --sport and --dport, as tcp, udp, sctp and dccp have them. `loose`: read as libxtables' option parser does. */
export const portOptions = (
  proto: string,
  o: { readonly loose?: boolean; readonly showFull?: boolean } = {},
) =>
  ({
    sport: portRange(['--sport', '--source-port'], proto, { negatable: true, ...o }),
    dport: portRange(['--dport', '--destination-port'], proto, { negatable: true, ...o }),
  }) as const

/**
 * What a later fragment shows where iptables-nft 1.8.9 asks for ports and flags by instructions of nftables' own: they
 * take the fragment's data for a header (nft_payload_fast_eval()).
 */
export function dataAsHeader(packet: Packet): Packet | 'not told' {
  const { data, payload } = packet
  if (data === undefined) return 'not told'
  const byte = (i: number) => (i < payload ? data.charCodeAt(i) || 0 : 0)
  const word = (i: number) => byte(i) * 256 + byte(i + 1)
  return { ...packet, fragmentOffset: 0, sport: word(0), dport: word(2), tcpFlags: byte(13) }
}

/** The packet as a match of ports sees it: itself, or a later fragment whose data is looked at. */
export function portsSeen(env: RuleEnv, native: boolean): Packet | Part {
  const { packet } = env.skb
  if (hasTransport(packet) || env.backend === 'legacy' || !native) return packet
  const seen = dataAsHeader(packet)
  return seen === 'not told' ? part('unknown', false, () => 'what the fragment carries is not told') : seen
}

/** The parts of a port match; a fragment without a transport header fits nothing, negated or not. */
export function portParts(
  packet: Packet,
  args: { readonly sport?: Arg<Range> | undefined; readonly dport?: Arg<Range> | undefined },
): Part[] {
  if (!hasTransport(packet))
    return [part(false, false, () => 'it is a second or further fragment, its ports cannot be seen')]
  const out: Part[] = []
  const add = (what: string, seen: number | undefined, asked: Arg<Range> | undefined): void => {
    if (!asked) return
    const { value, not } = asked
    if (seen === undefined) {
      out.push(part(false, false, () => `it has no ${what}`))
      return
    }
    const raw = inRange(seen, value)
    const how = value.from === value.to ? '' : 'in '
    out.push(part(raw, not, () => `${what} ${seen} is ${isnt(raw)}${how}${rangeText(value)}`))
  }
  add('sport', packet.sport, args.sport)
  add('dport', packet.dport, args.dport)
  return out
}
