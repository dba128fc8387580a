import { runHook } from '../netfilter/run-hook.js'
import { note } from '../run/here.js'
import { leave } from './leave.js'
import { room } from './room.js'

/** IP has a packet: PREROUTING. */
export const ipIn = room({
  name: 'ip-in',
  says: 'IP has a packet: PREROUTING (raw, conntrack, mangle, nat)',
  kernel: 'ip_rcv() (net/ipv4/ip_input.c), ipv6_rcv(), ip_sabotage_in()',
  doors: ['route-in'],
  enter(skb, here, dev) {
    if (skb.pktType === 'otherhost')
      return {
        dropped: 'OTHERHOST',
        because: `the frame is for ${skb.packet.eth?.dst}, not for ${dev} (${here.space.iface(dev)?.mac})`,
      }
    const { bridgeNf } = skb
    const inside = { ...skb, dev, inDev: dev }
    if (bridgeNf?.inPrerouting && !bridgeNf.sabotaged) {
      note(here, {
        kind: 'hook-skipped',
        hook: 'PREROUTING',
        because: 'its tables were passed already, as a bridged frame (ip_sabotage_in)',
      })
      // ip_rcv_core(), ip6_rcv_core() come after these tables then: skb_orphan() takes a socket that TPROXY gave
      const { tproxy: _, ...orphan } = inside
      return {
        to: 'route-in',
        skb: { ...orphan, bridgeNf: { ...bridgeNf, sabotaged: true, inPrerouting: false } },
        dev,
      }
    }
    const result = runHook(inside, { hook: 'PREROUTING', in: dev, bridged: false, here })
    if (result.verdict !== 'ACCEPT') return leave(result)
    return { to: 'route-in', skb: result.skb, dev }
  },
})
