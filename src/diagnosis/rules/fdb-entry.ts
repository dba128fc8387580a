import { lastOf } from '../events.js'
import { cure, type DiagnosisRule, type Suspicion } from '../finding.js'
import type { Inquiry, Stop } from '../inquiry.js'
import { inside, whereFdb } from '../where.js'

/** A VXLAN device asks nobody where a MAC address is: its forwarding table must say behind which node. */
export const forwardingEntry: DiagnosisRule = {
  id: 'wrong-fdb-entry',
  asks: "does a tunnel's forwarding table lack the MAC address, or name another node than it is on?",
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped') return undefined
    return noRemote(inquiry, stop) ?? wrongRemote(inquiry, stop)
  },
}

function noRemote(inquiry: Inquiry, stop: Stop): Suspicion | undefined {
  const netns = inquiry.netns(stop.event.netns)
  const [, dev, mac] = /(\S+) knows no remote end for (\S+)/.exec(stop.event.because) ?? []
  if (dev === undefined || mac === undefined) return undefined
  const remote = remoteOf(inquiry, mac)
  return {
    id: 'fdb-entry-missing',
    severity: 'error',
    says: `${dev} on ${netns.name} does not know behind which node the MAC address ${mac} is: its forwarding entry is missing`,
    where: whereFdb(netns, mac, `no entry for ${mac} on ${dev}`),
    evidence: [stop.event.seq],
    see: inside(netns, `bridge fdb show dev ${dev}`),
    cures:
      remote === undefined
        ? []
        : [cure('the missing entry', [netns.name, `bridge fdb append ${mac} dev ${dev} dst ${remote}`])],
  }
}

/** The wrapping went to a node that nobody is, or that has not the tunnel device with this MAC address. */
function wrongRemote(inquiry: Inquiry, stop: Stop): Suspicion | undefined {
  const { packets } = inquiry.talk
  const carried = stop.carried ?? stop.packet
  const outer = packets.findLast(p => p.carries === carried.index && (p.events[0]?.seq ?? 0) < stop.event.seq)
  const begin = outer?.events[0]
  const encap = lastOf(carried.events, 'encap', e => e.seq < (begin?.seq ?? 0))
  const address = begin && inquiry.packetAt(outer, begin.seq)?.dst
  if (!encap || address === undefined) return undefined
  const netns = inquiry.netns(encap.netns)
  const told = lastOf(carried.events, 'neighbour', e => e.dev === encap.dev && e.seq < encap.seq)
  const entry = netns.fdb.find(e => e.dev === encap.dev && e.dst === address && e.mac === told?.mac)
  if (!entry) return undefined
  const remote = remoteOf(inquiry, entry.mac)
  const owner = inquiry.ownerOf(address)
  if (remote === address || (remote === undefined && owner)) return undefined
  return {
    id: 'wrong-fdb-entry',
    severity: 'error',
    says: `${entry.dev} on ${netns.name} sends what is for ${entry.mac} to ${address}, ${owner ? `which is ${owner.name} and has no such tunnel device` : 'and nobody has that address'}`,
    where: whereFdb(netns, entry.mac, `${entry.mac} dev ${entry.dev} dst ${address}`),
    evidence: [encap.seq, stop.event.seq],
    see: inside(netns, `bridge fdb show dev ${entry.dev}`),
    cures:
      remote === undefined
        ? []
        : [
            cure('the right node', [
              netns.name,
              `bridge fdb replace ${entry.mac} dev ${entry.dev} dst ${remote}`,
            ]),
          ],
  }
}

/** The address that the tunnel device with a MAC address is reached at. */
const remoteOf = (inquiry: Inquiry, mac: string): string | undefined =>
  [...inquiry.all()].flatMap(n => n.ifaces).find(i => i.mac === mac && i.vxlan)?.vxlan?.local
