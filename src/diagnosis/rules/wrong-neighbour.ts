import { allOf, type EventOf } from '../events.js'
import type { Iface } from '../../model/iface.js'
import type { Netns } from '../../model/snapshot.js'
import type { Ip } from '../../values/ip.js'
import { contains } from '../../values/prefix.js'
import { cure, type DiagnosisRule, type Suspicion } from '../finding.js'
import type { Inquiry } from '../inquiry.js'
import { inside, whereNeighbour } from '../where.js'

type Told = EventOf<'neighbour'>

/** Who has an address, and the device that has it. */
interface Owner {
  readonly netns: Netns
  readonly iface: Iface
}

/** A neighbour entry names a MAC address that the neighbour does not have: the frame reaches another machine, or nobody. */
export const wrongNeighbour: DiagnosisRule = {
  id: 'wrong-mac',
  asks: 'did a neighbour entry put a MAC address on the frame that is not that of the next hop?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped') return undefined
    const told = allOf(
      inquiry.eventsOf(stop.packet),
      'neighbour',
      e => e.mac !== undefined && e.seq < stop.event.seq,
    )
    for (const one of told) {
      const owner = rightful(inquiry, one)
      if (owner === undefined) continue
      const taker = [...inquiry.all()].find(n => n.ifaces.some(i => i.mac === one.mac))
      // whoever has got the frame may well have sent it on to the right one: then a rule further on has its own story
      if (taker && stop.by && stop.event.netns !== taker.name) continue
      return misled(inquiry, one, taker, owner)
    }
    const last = told.at(-1)
    return last && stop.event.reason === 'OTHERHOST' ? misled(inquiry, last) : undefined
  },
}

/** Whoever has the address on the network that the frame went to, if a dumped entry gave it a MAC address that is not theirs. */
function rightful(inquiry: Inquiry, { netns: name, dev, address, mac }: Told): Owner | undefined {
  const netns = inquiry.netns(name)
  const iface = netns.ifaces.find(i => i.name === dev)
  const isNear =
    iface?.kind === 'vxlan' ||
    iface?.addresses.some(a => contains({ base: a.address, length: a.prefixLength }, address as Ip))
  if (!isNear || !netns.neighbours.some(n => n.address === address && n.dev === dev && n.mac === mac))
    return undefined
  const owners = [...inquiry.all()].flatMap(netns =>
    netns.ifaces
      .filter(i => i.kind !== 'dummy' && i.addresses.some(a => a.address === address))
      .map(iface => ({ netns, iface })),
  )
  return owners.some(o => o.iface.mac === undefined || o.iface.mac === mac) ? undefined : owners[0]
}

function misled(inquiry: Inquiry, told: Told, taker?: Netns, owner?: Owner): Suspicion {
  const { event } = inquiry.stop!
  const netns = inquiry.netns(told.netns)
  const { address, dev, mac } = told
  const entry = netns.neighbours.find(n => n.address === address && n.dev === dev)
  const tunnel = netns.ifaces.some(i => i.name === dev && i.kind === 'vxlan')
  const right = cure('the right address', [
    netns.name,
    `ip neigh replace ${address} lladdr ${owner?.iface.mac} dev ${dev} nud permanent`,
  ])
  const forget = cure('forget the entry', [netns.name, `ip neigh del ${address} dev ${dev}`])
  const whose = taker
    ? `which is that of ${taker.name}`
    : event.kind === 'dropped' && event.reason === 'OTHERHOST'
      ? `which is not so: the frame reaches ${event.netns} and is not taken`
      : 'which nobody has'
  return {
    id: 'wrong-mac',
    severity: 'error',
    says: `${netns.name} believes that ${address}${owner ? ` (${owner.netns.name})` : ''} has the MAC address ${mac}, ${whose}`,
    where: whereNeighbour(
      netns,
      address,
      `${address} dev ${dev} lladdr ${mac}${entry ? ` ${entry.state}` : ''}`,
    ),
    evidence: [told.seq, event.seq],
    see: inside(netns, `ip neigh show ${address}`),
    // a tunnel asks nobody: without its entry it would know nothing at all
    cures: owner ? (tunnel ? [right] : [forget, right]) : [forget],
  }
}
