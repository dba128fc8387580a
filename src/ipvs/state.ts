import type { IpvsConnectionLine, IpvsTable, RealServer, VirtualService } from '../model/ipvs.js'
import type { Netns } from '../model/snapshot.js'
import { cached } from '../values/cached.js'
import { ConnectionTable } from './connection.js'
import { findService } from './service.js'

/** What IPVS remembers in one namespace: connections, and each service's place in its schedule. */
export class IpvsState {
  readonly connections = new ConnectionTable()
  private readonly schedules = new Map<VirtualService, Map<string, number>>()

  /** @param conntrack net.ipv4.vs.conntrack, which a dump of connections does not tell one by one */
  constructor({ ipvs, ipvsConnections }: Netns, conntrack: boolean) {
    if (!ipvs) return
    const marked = ipvs.services.filter(s => s.id.kind === 'fwmark')
    for (const line of ipvsConnections ?? []) {
      const { service, server } = ownerOf(line, ipvs, marked)
      this.connections.add({
        proto: line.proto,
        caddr: line.client.address,
        cport: line.client.port,
        vaddr: line.virtual.address,
        vport: line.virtual.port,
        daddr: line.server.address,
        dport: line.server.port,
        // a server that is gone was a pod, most likely
        method: server?.method ?? 'Masq',
        conntrack,
        ...(service ? { service } : {}),
        ...(server ? { server } : {}),
        loaded: true,
        state: line.state,
        expires: line.expires,
      })
    }
  }

  memoryOf(service: VirtualService): Map<string, number> {
    return cached(this.schedules, service, () => new Map<string, number>())
  }
}

/** ip_vs_find_dest(): the service that a connection belongs to, and its server if that is still there. */
function ownerOf(
  { proto, virtual, server: to }: IpvsConnectionLine,
  table: IpvsTable,
  marked: readonly VirtualService[],
): { service?: VirtualService; server?: RealServer } {
  const named = proto === 0 ? undefined : findService(table, proto, virtual.address, virtual.port, 0)
  for (const service of [...(named ? [named] : []), ...marked]) {
    const server = service.realServers.find(
      r =>
        r.address === to.address &&
        (r.port === to.port || r.port === 0 || service.id.kind === 'fwmark' || to.port === 0),
    )
    if (server) return { service, server }
  }
  return named ? { service: named } : {}
}
