import { type EventOf, firstOf, lastOf } from '../events.js'
import { ND } from '../../model/packet.js'
import type { Iface } from '../../model/iface.js'
import { cure, type DiagnosisRule, type Suspicion } from '../finding.js'
import { decisionBefore, type Inquiry, type Stop } from '../inquiry.js'
import { takeAway } from '../remedies.js'
import { inside, seeChain, tables, whereDecided, whereDevice } from '../where.js'

/** In IPv6 it is packets that ask for the next hop and answer, and rules may drop them. */
export const discoveryFails: DiagnosisRule = {
  id: 'neighbour-discovery-dropped',
  asks: 'did a rule drop the neighbour discovery for the next hop, or could nobody be asked?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'NEIGH_FAILED') return undefined
    return dropped(inquiry, stop) ?? noLinkLocal(inquiry, stop)
  },
}

type Decision = EventOf<'rule'> | EventOf<'policy'>

function dropped(inquiry: Inquiry, stop: Stop): Suspicion | undefined {
  for (const packet of inquiry.talk.packets.toReversed()) {
    if (packet.resolves !== stop.packet.index) continue
    const end = lastOf(packet.events, 'dropped', e => e.reason === 'NETFILTER_DROP')
    const by = end && decisionBefore(packet, end.seq)
    if (!end || !by) continue
    const netns = inquiry.netns(end.netns)
    const asks = packet.summary.includes('neighbour-solicitation')
    const who = by.kind === 'rule' ? `rule ${by.number}` : 'the policy'
    const address = / for (\S+)$/.exec(packet.summary)?.[1] ?? ''
    return {
      id: 'neighbour-discovery-dropped',
      severity: 'error',
      says: `${who} of ${by.table} ${by.chain} on ${netns.name} drops the neighbour ${asks ? 'solicitation' : 'advertisement'} for ${address}: IPv6 finds its neighbours by ICMPv6 types ${ND.solicitation} and ${ND.advertisement}, which must pass`,
      where: whereDecided(netns, by),
      evidence: [by.seq, end.seq, stop.event.seq],
      see: seeChain(netns, by),
      cures: [
        accepting(netns.name, by, [asks ? ND.solicitation : ND.advertisement]),
        accepting(netns.name, by, [ND.solicitation, ND.advertisement]),
        ...(by.kind === 'rule' ? [takeAway(netns.name, by)] : []),
      ],
    }
  }
  return undefined
}

function accepting(on: string, by: Decision, types: readonly number[]) {
  const where = by.kind === 'rule' ? `-I ${by.chain} ${by.number}` : `-A ${by.chain}`
  const lines = types.map(
    type => `${tables(by)} -t ${by.table} ${where} -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`,
  )
  return cure(
    `let neighbour discovery pass in ${by.table} ${by.chain}`,
    ...lines.map(line => [on, line] as const),
  )
}

/** ndisc_send_ns(): what is only forwarded is asked for from the device's link-local address. */
function noLinkLocal(inquiry: Inquiry, stop: Stop): Suspicion | undefined {
  const note = firstOf(stop.packet.events, 'neighbour', e => / no link-local address /.test(e.because))
  if (!note) return undefined
  const netns = inquiry.netns(note.netns)
  const iface = netns.ifaces.find(i => i.name === note.dev)
  const own = iface && fromMac(iface)
  return {
    id: 'no-link-local-address',
    severity: 'error',
    says: `${note.dev} on ${netns.name} has no link-local address, so it can't ask who has ${note.address} for packets that it only forwards`,
    where: whereDevice(netns, note.dev, `${note.dev} has no address of fe80::/10`),
    evidence: [note.seq, stop.event.seq],
    see: inside(netns, `ip -6 address show dev ${note.dev} scope link`),
    cures:
      own === undefined
        ? []
        : [
            cure('the address that the kernel makes of the MAC address', [
              netns.name,
              `ip address add ${own}/64 dev ${note.dev}`,
            ]),
          ],
  }
}

/** RFC 4291, appendix A: the interface identifier of a MAC address. */
function fromMac({ mac }: Iface): string | undefined {
  if (mac === undefined) return undefined
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map(byte => Number.parseInt(byte, 16))
  const words = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f]
  return `fe80::${words.map(word => word.toString(16)).join(':')}`
}
