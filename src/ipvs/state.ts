import type { VirtualService } from '../model/ipvs.js'
import { cached } from '../values/cached.js'
import { ConnectionTable } from './connection.js'

/** What IPVS remembers in one namespace: connections, and each service's place in its schedule. */
export class IpvsState {
  readonly connections = new ConnectionTable()
  private readonly schedules = new Map<VirtualService, Map<string, number>>()
  /** Persistence: who was sent where (the connection templates). */
  readonly templates = new Map<string, { server: number; expires: number }>()

  memoryOf(service: VirtualService): Map<string, number> {
    return cached(this.schedules, service, () => new Map<string, number>())
  }
}
