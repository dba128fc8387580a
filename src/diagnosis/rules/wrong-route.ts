import { allOf } from '../events.js'
import type { DiagnosisRule } from '../finding.js'
import { cure } from '../finding.js'
import { inside, whereRoute } from '../where.js'
import { World } from '../../world/world.js'
import { failed } from '../../routing/fib.js'
import { routesTo } from './no-route.js'

/** There was a route, and it led to where nobody has the address, though somebody in the snapshot has it. */
export const wrongRoute: DiagnosisRule = {
  id: 'wrong-route',
  asks: 'did a route lead the packet away from the one who has its address?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.by) return undefined
    if (
      !['NEIGH_FAILED', 'IP_INADDRERRORS', 'IP_INNOROUTES', 'X_NO_PEER', 'OTHERHOST', 'X_IGNORED'].includes(
        stop.event.reason,
      )
    )
      return undefined
    const seen = inquiry.packetAt(stop.packet, stop.event.seq)
    const owner = seen && inquiry.ownerOf(seen.dst)
    if (!seen || !owner || owner.name === stop.event.netns) return undefined
    const routes = allOf(stop.packet.events, 'route', e => e.to === seen.dst && e.seq < stop.event.seq)
    // who was it that sent it astray: the last one that forwarded or sent it
    const last = routes.at(-1)
    const name = last?.netns ?? stop.packet.events[0]?.netns ?? stop.event.netns
    const netns = inquiry.netns(name)
    const found = World.of(inquiry.snapshot)
      .space(name)
      .fib(seen.dst.includes(':') ? 'ipv6' : 'ipv4')
      .lookup({ dst: seen.dst, mark: 0 })
    const text = last?.text ?? (failed(found) ? undefined : found.route.text)
    const six = seen.dst.includes(':') ? '-6 ' : ''
    const specific = text !== undefined && !/^default\b/.test(text.trim())
    return {
      id: specific ? 'overlapping-route' : 'missing-route',
      severity: 'error',
      says: `${seen.dst} is in ${owner.name}, but ${netns.name} follows ${text === undefined ? 'another way' : `its route «${text.trim()}»`}, where nobody has it (${stop.event.because})${specific ? ': the route is wrong, or covers more than it should' : ': a more specific route is missing'}`,
      where: whereRoute(netns, text, `no route to ${seen.dst}`),
      evidence: [...(last ? [last.seq] : []), stop.event.seq],
      see: inside(netns, `ip ${six}route get ${seen.dst}`),
      cures: [
        ...(specific && text !== undefined
          ? [cure('delete the route that misleads', [netns.name, `ip ${six}route del ${text.trim()}`])]
          : []),
        ...routesTo(inquiry, netns, seen.dst),
      ],
    }
  },
}
