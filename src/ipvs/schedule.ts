import type { RealServer, VirtualService } from '../model/ipvs.js'
import { type Here, note } from '../run/here.js'
import type { Skb } from '../skb/skb.js'
import { type Family, formatIp, type Ip, ipBits, parseIp } from '../values/ip.js'
import { maskBits } from '../values/prefix.js'
import { SCHEDULERS } from './schedulers/index.js'
import { serviceName } from './service.js'

const serverName = (r: RealServer): string =>
  r.address.includes(':') ? `[${r.address}]:${r.port}` : `${r.address}:${r.port}`

/** ip_vs_schedule(), ip_vs_sched_persist(): the real server for a new connection; undefined where none is to be had. */
export function schedule(service: VirtualService, skb: Skb, here: Here): RealServer | undefined {
  const { packet } = skb
  const state = here.state.ipvs
  const template =
    service.persistent === undefined
      ? undefined
      : `${serviceName(service)} ${underMask(packet.src, service.persistenceMask, packet.family)}`
  if (template !== undefined) {
    const before = state.templates.get(template)
    const server = before && before.expires > here.run.now ? service.realServers[before.server] : undefined
    if (before && server && server.weight > 0) {
      before.expires = here.run.now + service.persistent!
      note(here, {
        kind: 'ipvs',
        action: 'schedule',
        because: `${packet.src} was sent to ${serverName(server)} before: it stays there (persistent ${service.persistent} s)`,
      })
      return server
    }
  }
  const scheduler = SCHEDULERS.get(service.scheduler)
  const chosen = scheduler
    ? scheduler.schedule({
        service,
        client: packet.src,
        clientPort: packet.sport ?? 0,
        target: packet.dst,
        memory: state.memoryOf(service),
        counts: server => state.connections.countOf(server),
        choose: (at, options) =>
          options.length < 2
            ? options[0]
            : options[
                here.run.choose(
                  here.trace,
                  here.space.name,
                  `${at} of ${serviceName(service)}`,
                  options.map(serverName),
                )
              ],
      })
    : undefined
  if (!chosen) {
    note(here, {
      kind: 'ipvs',
      action: 'schedule',
      because: `${serviceName(service)} (${service.scheduler}) has no real server that takes new connections`,
    })
    return undefined
  }
  if (template !== undefined)
    state.templates.set(template, {
      server: service.realServers.indexOf(chosen),
      expires: here.run.now + service.persistent!,
    })
  note(here, {
    kind: 'ipvs',
    action: 'schedule',
    because: `${serviceName(service)} (${service.scheduler}) sends it to ${serverName(chosen)} (${chosen.method}, weight ${chosen.weight})`,
  })
  return chosen
}

function underMask(address: Ip, mask: string | undefined, family: Family): Ip {
  if (mask === undefined) return address
  const written = parseIp(mask)
  const bits = written ? ipBits(written) : maskBits(family, Number(mask))
  return formatIp(ipBits(address).map((w, i) => (w & (bits[i] ?? 0)) >>> 0))
}
