import type { Netns } from '../../model/snapshot.js'
import { cure, type DiagnosisRule, type Suspicion } from '../finding.js'
import type { EventOf, Inquiry, Stop } from '../inquiry.js'
import { inside, whereDevice, whereHairpin, whereNeighbour, whereRoute } from '../where.js'
import { placeOf } from '../../snapshot/sources.js'

/** The next hop exists, and an entry that should lead to it is missing or wrong: neighbour, or a tunnel's forwarding table. */
export const layerTwo: DiagnosisRule = {
  id: 'neighbour-missing',
  asks: 'is the next hop there, and only its neighbour or fdb entry missing or wrong?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped') return undefined
    if (stop.event.reason === 'OTHERHOST') return wrongMac(inquiry, stop)
    if (/knows no remote end for/.test(stop.event.because)) return noRemote(inquiry, stop)
    if (stop.event.reason !== 'NEIGH_FAILED') return undefined
    const netns = inquiry.netns(stop.event.netns)
    const [, dev, address] = /nobody on (\S+) answers for (\S+)/.exec(stop.event.because) ?? []
    if (dev === undefined || address === undefined) return undefined
    if (stop.carried) return wrongRemote(inquiry, stop, address)
    const owner = inquiry.ownerOf(address)
    const iface = owner?.ifaces.find(i => i.addresses.some(a => a.address === address))
    const tunnel = netns.ifaces.find(i => i.name === dev)?.kind === 'vxlan'
    if (owner && iface?.mac !== undefined && tunnel && owner !== netns)
      return {
        id: this.id,
        severity: 'error',
        says: `${netns.name} has no neighbour entry for ${address} on ${dev}, and a tunnel asks nobody by ARP: flannel should have written it (${address} is ${owner.name})`,
        where: whereNeighbour(netns, address, `no entry for ${address} on ${dev}`),
        evidence: [stop.event.seq],
        see: inside(netns, `ip neigh show dev ${dev}`),
        cures: [
          cure('the missing entry', [
            netns.name,
            `ip neigh add ${address} lladdr ${iface.mac} dev ${dev} nud permanent`,
          ]),
        ],
      }
    return owner
      ? (isolated(inquiry, stop, owner) ?? deafPort(inquiry, stop, owner))
      : wrongGateway(inquiry, stop, address)
  },
}

/** Both ends hang on isolated ports of one bridge, so not even the question who has the address comes through. */
function isolated(inquiry: Inquiry, stop: Stop, owner: Netns): Suspicion | undefined {
  const portOf = (name: string) =>
    inquiry.snapshot.wires
      .filter(wire => wire.ends.some(end => end.netns === name))
      .flatMap(wire => wire.ends)
      .flatMap(end => inquiry.netns(end.netns).ifaces.flatMap(i => (i.name === end.iface ? { end, i } : [])))
      .find(({ i }) => i.bridgePort?.isolated)
  const [mine, theirs] = [portOf(stop.event.netns), portOf(owner.name)]
  if (!mine || !theirs || mine.end.netns !== theirs.end.netns || mine.i.master !== theirs.i.master)
    return undefined
  const bridge = inquiry.netns(mine.end.netns)
  return {
    id: 'port-isolated',
    severity: 'error',
    says: `${mine.i.name} and ${theirs.i.name} are both isolated ports of ${mine.i.master} on ${bridge.name}: the two ends do not even hear each other's ARP`,
    where: whereHairpin(bridge, mine.i.name, `${mine.i.name} isolated on`),
    evidence: [stop.event.seq],
    see: inside(bridge, `bridge -d link show dev ${mine.i.name}`),
    cures: [
      cure(`${mine.i.name} is isolated no more`, [
        bridge.name,
        `bridge link set dev ${mine.i.name} isolated off`,
      ]),
    ],
  }
}

/** The cable to the one who has the address ends in a device that is down, or in none of the bridge's ports. */
function deafPort(inquiry: Inquiry, stop: Stop, owner: Netns): Suspicion | undefined {
  const wire = inquiry.snapshot.wires.find(
    w => w.ends.some(e => e.netns === owner.name) && w.ends.length === 2,
  )
  const end = wire?.ends.find(e => e.netns !== owner.name)
  const host = end && inquiry.netns(end.netns)
  const port = host?.ifaces.find(i => i.name === end?.iface)
  if (!host?.isHost || !port || owner.isHost) return undefined
  const base = { severity: 'error' as const, evidence: [stop.event.seq] }
  if (!port.up)
    return {
      ...base,
      id: 'interface-down',
      says: `${port.name} on ${host.name}, the way to ${owner.name}, is down`,
      where: whereDevice(host, port.name, `${port.name} is down`),
      see: inside(host, `ip link show ${port.name}`),
      cures: [cure(`set ${port.name} up`, [host.name, `ip link set dev ${port.name} up`])],
    }
  const bridge = host.ifaces.find(i => i.kind === 'bridge' && host.ifaces.some(p => p.master === i.name))
  if (port.master !== undefined || port.addresses.some(a => a.scope === 'global') || !bridge) return undefined
  return {
    ...base,
    id: 'port-not-in-bridge',
    says: `${port.name} on ${host.name}, the way to ${owner.name}, is no port of ${bridge.name}, as the others are`,
    where: whereDevice(host, port.name, `${port.name} has no master`),
    see: inside(host, `ip -d link show ${port.name}`),
    cures: [
      cure(`make it a port of ${bridge.name}`, [
        host.name,
        `ip link set dev ${port.name} master ${bridge.name}`,
      ]),
    ],
  }
}

/** A frame was sent to a MAC address that the addressee does not have. */
function wrongMac(inquiry: Inquiry, stop: Stop): Suspicion | undefined {
  const told = stop.packet.events.findLast(
    (e): e is EventOf<'neighbour'> => e.kind === 'neighbour' && e.seq < stop.event.seq,
  )
  if (!told) return undefined
  const netns = inquiry.netns(told.netns)
  const entry = netns.neighbours.find(n => n.address === told.address && n.dev === told.dev)
  return {
    id: 'wrong-mac',
    severity: 'error',
    says: `${netns.name} believes that ${told.address} has the MAC address ${told.mac}, which is not so: the frame reaches ${stop.event.netns} and is not taken`,
    where: whereNeighbour(
      netns,
      told.address,
      `${told.address} dev ${told.dev} lladdr ${told.mac}${entry ? ` ${entry.state}` : ''}`,
    ),
    evidence: [told.seq, stop.event.seq],
    see: inside(netns, `ip neigh show ${told.address}`),
    cures: [cure('forget the entry', [netns.name, `ip neigh del ${told.address} dev ${told.dev}`])],
  }
}

const whereFdb = (netns: Netns, mac: string, detail: string) => ({
  node: netns.node,
  netns: netns.name,
  kind: 'neighbour' as const,
  detail,
  ...placeOf(netns, 'bridge-fdb', line => line.startsWith(mac)),
})

/** The tunnel's forwarding table has nothing for the MAC address. */
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

/** The address that the tunnel device with a MAC address is reached at. */
const remoteOf = (inquiry: Inquiry, mac: string): string | undefined =>
  [...inquiry.all()].flatMap(n => n.ifaces).find(i => i.mac === mac && i.vxlan)?.vxlan?.local

/** The wrapping goes to a node that nobody is. */
function wrongRemote(inquiry: Inquiry, stop: Stop, address: string): Suspicion | undefined {
  const netns = inquiry.netns(stop.event.netns)
  const entry = netns.fdb.find(e => e.dst === address)
  if (!entry) return undefined
  const remote = remoteOf(inquiry, entry.mac)
  return {
    id: 'wrong-fdb-entry',
    severity: 'error',
    says: `${entry.dev} on ${netns.name} sends what is for ${entry.mac} to ${address}, and nobody has that address`,
    where: whereFdb(netns, entry.mac, `${entry.mac} dev ${entry.dev} dst ${address}`),
    evidence: [stop.event.seq],
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

/** A route names a gateway that nobody is. */
function wrongGateway(inquiry: Inquiry, stop: Stop, address: string): Suspicion | undefined {
  const netns = inquiry.netns(stop.event.netns)
  const seen = inquiry.packetAt(stop.packet, stop.event.seq)
  const route = netns.routes.find(r => r.nexthops.some(h => h.via === address))
  // who was sent on by nobody's fault but that of whoever sent it has its own story
  if (!route || !seen || !inquiry.ownerOf(seen.dst)) return undefined
  const known = stop.packet.events.some(
    e => e.kind === 'hop' && e.netns === netns.name && e.born !== undefined,
  )
  const others = [...inquiry.all()]
    .filter(n => n.isHost && n.node === netns.node && n !== netns)
    .flatMap(n => n.ifaces.flatMap(i => i.addresses.map(a => a.address as string)))
  const near = others.filter(
    a => a.split('.').slice(0, 3).join('.') === address.split('.').slice(0, 3).join('.'),
  )
  if (!known || near.length === 0) return undefined
  return {
    id: 'wrong-gateway',
    severity: 'error',
    says: `${netns.name} sends this by way of ${address}, and nobody has that address`,
    where: whereRoute(netns, route.text),
    evidence: [stop.event.seq],
    see: inside(netns, `ip route get ${seen.dst}`),
    cures: near.map(gateway =>
      cure(`the gateway ${gateway}`, [
        netns.name,
        `ip route replace ${route.text.trim().replace(address, gateway)}`,
      ]),
    ),
  }
}
