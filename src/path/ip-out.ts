import type { HookResult } from '../netfilter/hook-op.js'
import { runHook } from '../netfilter/run-hook.js'
import { hasJoined } from '../run/groups.js'
import { type Here, note } from '../run/here.js'
import { fragmented, routeMtu } from '../run/mtu.js'
import { packetSummary } from '../skb/packet-summary.js'
import type { Skb } from '../skb/skb.js'
import { isForGroup } from '../world/groups.js'
import { leave } from './leave.js'
import { type Next, room } from './room.js'

/** POSTROUTING, and the connection is confirmed. */
export const ipOut = room({
  name: 'ip-out',
  says: 'POSTROUTING (mangle, nat); a new connection is confirmed at its end; who is of the crowd that it sends to gets a copy',
  kernel: 'ip_output(), ip_mc_output() (net/ipv4/ip_output.c), ip6_output(), ip6_finish_output2()',
  doors: ['neighbour', 'ip-in', 'ip-out'],
  enter(skb, here, dev) {
    if (!hearsItself(skb, here, dev)) return goesOut(postrouting(skb, here, dev), here, dev)
    // ip_mc_output() makes the copy before POSTROUTING, ip6_finish_output2() behind it; netif_rx() lets it in at once
    if (skb.packet.family === 'ipv4') {
      const copy = comesBack(postrouting(skb, here, dev), here, dev)
      return { each: [copy, { to: 'ip-out', skb: { ...skb, heard: true }, dev }] }
    }
    const own = postrouting(skb, here, dev)
    if (own.verdict !== 'ACCEPT') return leave(own)
    return { each: [comesBack(postrouting(own.skb, here, dev), here, dev), goesOut(own, here, dev)] }
  },
})

const postrouting = (skb: Skb, here: Here, dev: string): HookResult =>
  runHook(skb, {
    hook: 'POSTROUTING',
    ...(skb.inDev === undefined ? {} : { in: skb.inDev }),
    out: dev,
    bridged: false,
    here,
  })

function goesOut(result: HookResult, here: Here, dev: string): Next<'neighbour'> {
  if (result.verdict !== 'ACCEPT') return leave(result)
  const { route } = result.skb
  const cut = route ? fragmented(result.skb, routeMtu(here.space, route), here) : result.skb
  return { to: 'neighbour', skb: cut, dev }
}

/** Is this machine among those that it sends to? Questions about neighbours are not looped back (ndisc_net_init()). */
function hearsItself({ route, packet, inDev, heard }: Skb, here: Here, dev: string): boolean {
  if (heard || inDev !== undefined || here.space.iface(dev)?.kind === 'loopback') return false
  if (route?.type === 'broadcast') return true
  return isForGroup(packet) && hasJoined(here, dev, packet.dst)
}

/** dev_loopback_xmit(): the copy comes in by the device that the packet leaves by, with its connection, mark and route. */
function comesBack(result: HookResult, here: Here, dev: string): Next<'ip-in'> {
  if (result.verdict !== 'ACCEPT') return { ...leave(result), unheard: true }
  const { skb } = result
  note(here, { kind: 'hop', iface: dev, packet: packetSummary(skb.packet) })
  return { to: 'ip-in', skb: { ...skb, dev, pktType: 'loopback' }, dev, unheard: true }
}
