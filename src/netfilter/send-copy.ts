import { multipath, noRoute, routeOutput } from '../routing/output.js'
import { note } from '../run/here.js'
import type { Skb } from '../skb/skb.js'
import type { PacketCopy } from '../xtables/extension.js'
import type { HookState } from './hook-op.js'

/** nf_dup_ipv4(), nf_dup_ipv6(): TEE's copy leaves like a packet of this machine's own, by the way to its gateway. */
export function sendCopy(skb: Skb, { gateway, dev }: PacketCopy, { hook, here }: HookState): void {
  // nf_skb_duplicated: a copy is not copied again
  if (skb.isCopy) return
  const { packet } = skb
  const found = routeOutput(
    here.space,
    { dst: gateway, mark: 0, ...(dev !== undefined && { oif: dev }) },
    multipath(here),
  )
  if (noRoute(found)) {
    note(here, {
      kind: 'makes',
      packet: 'no copy',
      because: `TEE sends one to ${gateway}, but ${found.because}`,
    })
    return
  }
  // before routing it is one hop further already, and must not be cut, lest it go in circles
  const early = hook === 'PREROUTING' || hook === 'INPUT'
  const copy = early ? { ...packet, ttl: packet.ttl - 1, dontFragment: packet.family === 'ipv4' } : packet
  const { eth: _, ...plain } = copy
  const because = `TEE sends a copy to ${gateway}`
  note(here, { kind: 'makes', packet: 'a copy', because })
  here.run.sendAtOnce({
    netns: here.space.name,
    room: 'local-out',
    skb: {
      packet: plain,
      mark: skb.mark,
      priority: skb.priority,
      pktType: 'host',
      noSocket: true,
      isCopy: true,
      ct: { kind: 'untracked' },
      route: { ...found.route, via: found.route.via ?? gateway },
    },
    because,
    cause: here.trace,
  })
}
