import type { Netns } from '../../model/snapshot.js'
import { cure, type DiagnosisRule, type Suspicion } from '../finding.js'
import type { Inquiry, Stop } from '../inquiry.js'
import { inside, whereDevice, whereHairpin, whereNeighbour, whereRoute } from '../where.js'

/** The next hop exists, and the question who it is does not come through, or nobody may ask. */
export const layerTwo: DiagnosisRule = {
  id: 'neighbour-missing',
  asks: 'is the next hop there, and only its neighbour entry missing, or the way to it deaf?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'NEIGH_FAILED' || stop.carried)
      return undefined
    const netns = inquiry.netns(stop.event.netns)
    const [, dev, address] = /nobody on (\S+) answers for (\S+)/.exec(stop.event.because) ?? []
    if (dev === undefined || address === undefined) return undefined
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
