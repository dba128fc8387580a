import type { RealServer, VirtualService } from '../model/ipvs.js'
import { type Here, note } from '../run/here.js'
import { type Family, formatIp, type Ip, ipBits, parseIp } from '../values/ip.js'
import { maskBits } from '../values/prefix.js'
import { PROTO } from '../values/proto.js'
import type { IpvsConnection } from './connection.js'
import type { Request } from './request.js'
import { SCHEDULERS } from './schedulers/index.js'
import { serviceName } from './service.js'
import { isForgotten } from './transmit.js'

const serverName = (r: RealServer): string =>
  r.address.includes(':') ? `[${r.address}]:${r.port}` : `${r.address}:${r.port}`

/** ip_vs_schedule(), ip_vs_sched_persist(): a new connection to the server chosen; undefined where none is to be had. */
export function schedule(service: VirtualService, request: Request, here: Here): IpvsConnection | undefined {
  const template = service.persistent === undefined ? undefined : templateFor(service, request, here)
  const server = service.persistent === undefined ? choose(service, request, here) : template?.server
  if (!server) return undefined
  const connection: IpvsConnection = {
    ...begin(request, service, here),
    daddr: server.address,
    dport: portFor(service, server, request.vport),
    method: server.method,
    server,
    ...(template ? { template } : {}),
  }
  return known(connection, here)
}

/** ip_vs_leave() with cache_bypass: a connection that leads to nowhere but where its packets are for. */
export const bypass = (service: VirtualService, request: Request, here: Here): IpvsConnection =>
  known(
    {
      ...begin(request, service, here),
      daddr: formatIp(request.family === 'ipv4' ? [0] : [0, 0, 0, 0]),
      dport: 0,
      method: 'Bypass',
    },
    here,
  )

/** ip_vs_conn_new(): three seconds are given until a packet has a say. */
const begin = (
  { family: _, inverse: __, ...request }: Request,
  service: VirtualService,
  { space, run }: Here,
) => ({
  ...request,
  conntrack: space.number('net.ipv4.vs.conntrack') !== 0,
  service,
  // IP_VS_UDP_S_NORMAL is UDP's first state, and the only one
  state: request.proto === PROTO.udp ? 'UDP' : 'NONE',
  expires: run.now + 3,
})

function known(connection: IpvsConnection, here: Here): IpvsConnection {
  // forgotten at once, so that answers stay untranslated
  if (!isForgotten(connection)) here.state.ipvs.connections.add(connection)
  return connection
}

/**
 * ip_vs_schedule(): the real server's port, if it has one; ip_vs_sched_persist() asks besides whether the client went
 * to the Service's own, which one by firewall mark and one for all ports have not.
 */
function portFor({ id, persistent }: VirtualService, server: RealServer, dport: number): number {
  const own = id.kind === 'fwmark' ? 0 : id.port
  return server.port === 0 || (persistent !== undefined && dport !== own) ? dport : server.port
}

/** ip_vs_sched_persist(): the template that says where this client goes, an old one or a new one. */
function templateFor(service: VirtualService, request: Request, here: Here): IpvsConnection | undefined {
  const { connections } = here.state.ipvs
  const timeout = service.persistent!
  const caddr = underMask(request.caddr, service.persistenceMask, request.family)
  const marked = service.id.kind === 'fwmark'
  const proto = marked ? 0 : request.proto
  const vaddr = service.id.kind === 'fwmark' ? markAddress(service.id.mark, request.family) : request.vaddr
  const vport = service.id.kind === 'fwmark' ? 0 : service.id.port
  const before = connections.incoming({ proto, caddr, cport: 0, vaddr, vport }, here.run.now)
  // ip_vs_check_template(): a server of weight 0 keeps its clients unless expire_quiescent_template says otherwise
  const quiescent = here.space.number('net.ipv4.vs.expire_quiescent_template') !== 0
  if (before?.server && (before.server.weight > 0 || !quiescent)) {
    before.expires = here.run.now + timeout
    note(here, {
      kind: 'ipvs',
      action: 'schedule',
      because: `${request.caddr} was sent to ${serverName(before.server)} before: it stays there (persistent ${timeout} s)`,
    })
    return before
  }
  const server = choose(service, request, here)
  if (!server) return undefined
  const template: IpvsConnection = {
    proto,
    caddr,
    cport: 0,
    vaddr,
    vport,
    daddr: server.address,
    dport: vport === 0 ? 0 : server.port,
    method: server.method,
    conntrack: false,
    service,
    server,
    state: 'NONE',
    expires: here.run.now + timeout,
  }
  connections.add(template)
  return template
}

/** The mark stands in the first word of the template's virtual address. */
const markAddress = (mark: number, family: Family): Ip =>
  formatIp(family === 'ipv4' ? [mark] : [mark, 0, 0, 0])

function choose(service: VirtualService, request: Request, here: Here): RealServer | undefined {
  const state = here.state.ipvs
  const chosen = SCHEDULERS.get(service.scheduler)?.schedule({
    service,
    client: request.caddr,
    clientPort: request.cport,
    // dh, lblc and lblcr go by iph->daddr, whichever way the packet went that this is about
    target: request.inverse ? request.caddr : request.vaddr,
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
  note(here, {
    kind: 'ipvs',
    action: 'schedule',
    because: chosen
      ? `${serviceName(service)} (${service.scheduler}) sends it to ${serverName(chosen)} (${chosen.method}, weight ${chosen.weight})`
      : `${serviceName(service)} (${service.scheduler}) has no real server that takes new connections`,
  })
  return chosen
}

function underMask(address: Ip, mask: string | undefined, family: Family): Ip {
  if (mask === undefined) return address
  const written = parseIp(mask)
  const bits = written ? ipBits(written) : maskBits(family, Number(mask))
  return formatIp(ipBits(address).map((w, i) => (w & (bits[i] ?? 0)) >>> 0))
}
