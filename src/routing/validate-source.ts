import { type Here, note } from '../run/here.js'
import type { Skb } from '../skb/skb.js'
import type { Ip } from '../values/ip.js'
import type { Space } from '../world/space.js'
import { failed } from './fib.js'

export type SourceCheck =
  | { readonly ok: true /** The source is directly connected. */; readonly onLink: boolean }
  | { readonly ok: false; readonly reason: 'IP_RPFILTER' | 'IP_LOCAL_SOURCE'; readonly because: string }

/** What is asked of the table of routes about a source. */
export interface SourceQuestion {
  readonly src: Ip
  readonly dst: Ip
  readonly mark: number
  readonly tos?: number
  readonly proto?: number
  readonly sport?: number
  readonly dport?: number
}

/**
 * fib_validate_source() (net/ipv4/fib_frontend.c): is the source somebody else's, and (rp_filter) would an answer
 * to it leave by the device that it came in by? IPv6 has no such check. `out` is where the packet goes on, `lo` if
 * it stays: from there the answer would come.
 */
export function validateSource(skb: Skb, dev: string, out: string, here: Here): SourceCheck {
  const { packet } = skb
  if (packet.family === 'ipv6') return { ok: true, onLink: false }
  const { src, dst, tos, proto, sport, dport } = packet
  const asked = {
    ...{ src, dst, mark: skb.mark, tos: tos & 0x1c, proto },
    ...(sport === undefined ? {} : { sport }),
    ...(dport === undefined ? {} : { dport }),
  }
  const { said, ...check } = checkSource(here.space, dev, asked, out)
  if (said !== undefined) note(here, { kind: 'rp-filter', ok: check.ok, because: said })
  return check
}

/** The same for whoever asks: packets, and ARP (arp_process() routes the asker's address first). */
export function checkSource(
  space: Space,
  dev: string,
  asked: SourceQuestion,
  out = 'lo',
): SourceCheck & { readonly said?: string } {
  const mode = space.maxConf(dev, 'rp_filter')
  const acceptLocal = space.orConf(dev, 'accept_local')
  const validMark = space.orConf(dev, 'src_valid_mark')
  const answer = space.fib('ipv4').lookup({
    src: asked.dst,
    dst: asked.src,
    mark: validMark ? asked.mark : 0,
    iif: out,
    tos: asked.tos ?? 0,
    ...(asked.proto === undefined ? {} : { proto: asked.proto }),
    // the reverse flow: ports change sides
    ...(asked.dport === undefined ? {} : { sport: asked.dport }),
    ...(asked.sport === undefined ? {} : { dport: asked.sport }),
  })
  if (!failed(answer) && answer.route.type === 'local' && !acceptLocal)
    return {
      ok: false,
      reason: 'IP_LOCAL_SOURCE',
      because: `its source ${asked.src} is one of ${space.name}'s own addresses (a martian; accept_local is 0)`,
    }
  const connected = !failed(answer) && answer.nexthop?.via === undefined
  if (mode === 0) return { ok: true, onLink: connected }
  const tell = (ok: boolean, because: string): SourceCheck & { readonly said: string } =>
    ok ? { ok, onLink: connected, said: because } : { ok, reason: 'IP_RPFILTER', because, said: because }
  const name = `rp_filter ${mode} on ${dev}`
  if (failed(answer)) return tell(false, `${name}: there is no route back to ${asked.src} at all`)
  if (answer.route.type !== 'unicast' && !(answer.route.type === 'local' && acceptLocal))
    return {
      ok: false,
      reason: 'IP_LOCAL_SOURCE',
      because: `its source ${asked.src} is a ${answer.route.type} address here`,
    }
  const back = answer.nexthop?.dev
  if (answer.route.nexthops.some(n => n.dev === dev))
    return tell(true, `${name}: an answer to ${asked.src} leaves by ${dev} too`)
  if (mode === 1)
    return tell(
      false,
      `${name}: an answer to ${asked.src} would leave by ${back ?? 'no device'} («${answer.route.text.trim()}»), but this came in by ${dev}`,
    )
  if (space.addressesOf(dev, 'ipv4').length === 0)
    return tell(
      false,
      `${name} (loose): an answer to ${asked.src} would leave by ${back ?? 'no device'}, and ${dev} has no address`,
    )
  return tell(true, `${name} (loose): there is a route back to ${asked.src}, by ${back ?? 'no device'}`)
}
