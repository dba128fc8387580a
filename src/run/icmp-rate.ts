import { cached } from '../values/cached.js'
import type { Ip } from '../values/ip.js'
import type { Space } from '../world/space.js'

/** XRLIM_BURST_FACTOR: how many errors a fresh peer may be sent in a row. */
const BURST = 6
/** ip_rt_redirect_number, _load (s) and _silence (s), route.c: 9, HZ/50, and load << (number + 1). */
const REDIRECTS = 9
const REDIRECT_LOAD = 0.02
const REDIRECT_SILENCE = REDIRECT_LOAD * 2 ** (REDIRECTS + 1)

/** net.ipv4.route.error_burst / error_cost, which no network namespace has of its own. */
const ROUTE_ERRORS = 5

interface Peer {
  /** Seconds saved up. */
  tokens: number
  last: number
  redirects: number
}

/** struct inet_peer: how often a namespace may complain to an address. Redirects and errors share the account. */
export class IcmpRate {
  private readonly peers = new Map<Ip, Peer>()
  constructor(private readonly space: Space) {}

  private peer(address: Ip, now: number): Peer {
    return cached(this.peers, address, () => ({ tokens: 0, last: now - 60, redirects: 0 }))
  }

  /** inet_peer_xrlim_allow() for the types of icmp_ratemask; one second's worth of silence buys an error. */
  allows(to: Ip, type: number, now: number): boolean {
    const v6 = to.includes(':')
    const interval =
      this.space.number(v6 ? 'net.ipv6.icmp.ratelimit' : 'net.ipv4.icmp_ratelimit', 1000) / 1000
    // icmpv6: every error but packet too big; the default of net.ipv6.icmp.ratemask
    const limited = v6
      ? type < 128 && type !== 2
      : ((this.space.number('net.ipv4.icmp_ratemask', 6168) >> type) & 1) === 1
    return !limited || interval <= 0 || this.spend(to, interval, now)
  }
  /** ip6_forward(), ndisc_send_redirect(): one a second for each destination, and for each sender. */
  allowsRedirect6(to: Ip, now: number): boolean {
    return this.spend(to, 1, now)
  }
  private spend(to: Ip, interval: number, now: number): boolean {
    const peer = this.peer(to, now)
    peer.tokens = Math.min(peer.tokens + now - peer.last, BURST * interval)
    peer.last = now
    if (peer.tokens < interval) return false
    peer.tokens -= interval
    return true
  }

  /**
   * ip_error(): that no route leads on is told an IPv4 sender five times in a row, then once a second. It pays from the
   * same account, and the ICMP error pays again.
   */
  allowsRouteError(to: Ip, now: number): boolean {
    const peer = this.peer(to, now)
    peer.tokens = Math.min(peer.tokens + now - peer.last, ROUTE_ERRORS)
    peer.last = now
    if (peer.tokens < 1) return false
    peer.tokens -= 1
    return true
  }

  /** ip_rt_send_redirect(): a redirect empties the account, so an error to the same address right behind it is not sent. */
  allowsRedirect(to: Ip, now: number): boolean {
    const peer = this.peer(to, now)
    if (now > peer.last + REDIRECT_SILENCE) {
      peer.tokens = 0
      peer.redirects = 0
    }
    if (peer.redirects >= REDIRECTS) {
      peer.last = now
      return false
    }
    if (peer.redirects > 0 && now <= peer.last + REDIRECT_LOAD * 2 ** peer.redirects) return false
    peer.last = now
    peer.redirects++
    return true
  }
}
