import type { TraceEvent } from '../../trace/events.js'
import { type EventOf, lastOf } from '../events.js'
import type { Netns } from '../../model/snapshot.js'
import { type Ip, widthOf } from '../../values/ip.js'
import { contains } from '../../values/prefix.js'
import { type CureIdea, cure, type DiagnosisRule } from '../finding.js'
import type { Inquiry } from '../inquiry.js'
import { inside, whereDevice, whereRoute } from '../where.js'

/** Somewhere on the way there or back no route leads on, or a route says no. */
export const noRoute: DiagnosisRule = {
  id: 'no-route',
  asks: 'did a machine have no route for the packet, or one that refuses?',
  look(inquiry) {
    const { stop, talk, flow } = inquiry
    const reasons = ['IP_INNOROUTES', 'IP_OUTNOROUTES', 'X_BLACKHOLE', 'IP_INVALID_DEST']
    const atOnce = talk.packets.length === 0
    const lost = stop?.event.kind === 'dropped' && reasons.includes(stop.event.reason)
    const mute = stop?.event.kind === 'makes'
    if (!atOnce && !lost && !mute) return undefined
    const netns = inquiry.netns(stop?.event.netns ?? flow.netns)
    const because = stop?.event.because ?? talk.because
    const seen = stop ? inquiry.packetAt(stop.packet, stop.event.seq) : undefined
    const towards = mute ? (seen?.src ?? flow.dst) : (seen?.dst ?? flow.dst)
    const leg = mute || stop?.leg === 'reply' ? 'back' : 'there'
    const refusing = netns.routes.find(
      r =>
        ['blackhole', 'unreachable', 'prohibit', 'throw'].includes(r.type) &&
        contains(r.prefix, towards) &&
        because.includes(r.text.trim()),
    )
    const six = towards.includes(':') ? '-6 ' : ''
    const down = downDevice(netns, towards)
    if (down !== undefined)
      return {
        id: 'interface-down',
        severity: 'error',
        says: `the route of ${netns.name} to ${towards} leads through ${down}, which is down`,
        where: whereDevice(netns, down, `${down} is down`),
        evidence: stop ? [stop.event.seq] : [],
        see: inside(netns, `ip link show ${down}`),
        cures: [cure(`set ${down} up`, [netns.name, `ip link set dev ${down} up`])],
      }
    return {
      id: refusing ? 'blackhole-route' : leg === 'back' ? 'no-route-back' : this.id,
      severity: 'error',
      says: `${netns.name} ${refusing ? `has a ${refusing.type} route for ${towards}` : `has no route to ${towards}`}, so ${leg === 'back' ? 'the answer' : 'the packet'} ends there: ${because}`,
      where: refusing
        ? whereRoute(netns, refusing.text)
        : whereRoute(netns, undefined, `no route to ${towards}`),
      evidence: stop ? [stop.event.seq] : [],
      see: inside(netns, `ip ${six}route get ${towards}`),
      cures: [
        ...(refusing
          ? [
              cure(`delete the ${refusing.type} route`, [
                netns.name,
                `ip ${six}route del ${refusing.text.trim()}`,
              ]),
            ]
          : []),
        ...routesTo(inquiry, netns, towards),
      ],
    }
  },
}

/** The device of a route to an address, if it is the device that is down. */
const downDevice = (netns: Netns, towards: string): string | undefined =>
  netns.routes
    .filter(r => r.type === 'unicast' && contains(r.prefix, towards as Ip))
    .flatMap(r => r.nexthops.map(h => h.dev))
    .find(dev => dev !== undefined && netns.ifaces.some(i => i.name === dev && !i.up && i.kind !== 'dummy'))

/** Ways that a machine could take: a neighbour on one of its networks that knows the address, or forwards. */
export function routesTo(inquiry: Inquiry, netns: Netns, towards: string): CureIdea[] {
  const owner = inquiry.ownerOf(towards)
  const six = towards.includes(':')
  const cures: CureIdea[] = []
  const flag = six ? '-6 ' : ''
  const width = widthOf(six ? 'ipv6' : 'ipv4')
  // gateways: the owner's node first, then any host that shares a network with this machine
  const hosts = [...inquiry.all()].filter(n => n.isHost && n !== netns)
  const sorted = hosts.sort((a, b) => Number(b.node === owner?.node) - Number(a.node === owner?.node))
  for (const iface of netns.ifaces)
    for (const mine of iface.addresses) {
      if (mine.family !== (six ? 'ipv6' : 'ipv4') || mine.scope !== 'global' || !iface.up) continue
      const net = { base: mine.address, length: mine.prefixLength }
      for (const host of sorted)
        for (const other of host.ifaces.flatMap(i => (i.kind === 'dummy' ? [] : i.addresses)))
          if (other.family === mine.family && other.address !== mine.address && contains(net, other.address))
            cures.push(
              cure(`a route to ${towards} by way of ${host.name}`, [
                netns.name,
                `ip ${flag}route replace ${towards}/${width} via ${other.address} dev ${iface.name}`,
              ]),
            )
    }
  // on the node that the owner lives on: straight to its device
  if (owner && netns.isHost && owner.node === netns.node)
    for (const wire of inquiry.snapshot.wires) {
      const far = wire.ends.find(e => e.netns === owner.name)
      const near = wire.ends.find(e => e.netns === netns.name)
      const dev = near && netns.ifaces.find(i => i.name === near.iface)
      if (far && dev)
        cures.push(
          cure(`a route to ${towards} on ${dev.master ?? dev.name}`, [
            netns.name,
            `ip ${flag}route replace ${towards}/${width} dev ${dev.master ?? dev.name}`,
          ]),
        )
    }
  return cures.slice(0, 6)
}

/** The last route decision before an event, in the same namespace. */
export const routeBefore = (
  events: readonly TraceEvent[],
  seq: number,
  name: string,
): EventOf<'route'> | undefined =>
  lastOf(events, 'route', e => e.seq < seq && e.netns === name && e.text !== undefined)
