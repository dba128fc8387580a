import { type Here, note } from '../run/here.js'
import type { Skb } from '../skb/skb.js'
import { failed } from './fib.js'

export type SourceCheck =
  | { readonly ok: true /** The source is directly connected. */; readonly onLink: boolean }
  | { readonly ok: false; readonly reason: 'IP_RPFILTER' | 'IP_LOCAL_SOURCE'; readonly because: string }

/**
 * fib_validate_source() (net/ipv4/fib_frontend.c): is the source somebody else's, and (rp_filter) would an answer
 * to it leave by the device that it came in by? IPv6 has no such check.
 */
export function validateSource(skb: Skb, dev: string, here: Here): SourceCheck {
  const { space } = here
  const { packet } = skb
  if (packet.family === 'ipv6') return { ok: true, onLink: false }
  if (space.iface(dev)?.kind === 'loopback') return { ok: true, onLink: true }
  const mode = space.maxConf(dev, 'rp_filter')
  const acceptLocal = space.orConf(dev, 'accept_local')
  const validMark = space.orConf(dev, 'src_valid_mark')
  const key = {
    src: packet.dst,
    dst: packet.src,
    mark: validMark ? skb.mark : 0,
    iif: 'lo',
    tos: packet.tos & 0x1c,
    proto: packet.proto,
    // the reverse flow: ports change sides
    ...(packet.dport === undefined ? {} : { sport: packet.dport }),
    ...(packet.sport === undefined ? {} : { dport: packet.sport }),
  }
  const answer = space.fib('ipv4').lookup(key)
  if (!failed(answer) && answer.route.type === 'local' && !acceptLocal)
    return {
      ok: false,
      reason: 'IP_LOCAL_SOURCE',
      because: `its source ${packet.src} is one of ${space.name}'s own addresses (a martian; accept_local is 0)`,
    }
  const connected = !failed(answer) && answer.nexthop?.via === undefined
  if (mode === 0) return { ok: true, onLink: connected }
  const tell = (ok: boolean, because: string): SourceCheck => {
    note(here, { kind: 'rp-filter', ok, because })
    return ok ? { ok, onLink: connected } : { ok, reason: 'IP_RPFILTER', because }
  }
  const name = `rp_filter ${mode} on ${dev}`
  if (failed(answer)) return tell(false, `${name}: there is no route back to ${packet.src} at all`)
  if (answer.route.type !== 'unicast' && !(answer.route.type === 'local' && acceptLocal))
    return {
      ok: false,
      reason: 'IP_LOCAL_SOURCE',
      because: `its source ${packet.src} is a ${answer.route.type} address here`,
    }
  const back = answer.nexthop?.dev
  if (answer.route.nexthops.some(n => n.dev === dev))
    return tell(true, `${name}: an answer to ${packet.src} leaves by ${dev} too`)
  if (mode === 1)
    return tell(
      false,
      `${name}: an answer to ${packet.src} would leave by ${back ?? 'no device'} («${answer.route.text.trim()}»), but this came in by ${dev}`,
    )
  return tell(true, `${name} (loose): there is a route back to ${packet.src}, by ${back ?? 'no device'}`)
}
