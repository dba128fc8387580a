import type { RealServer, VirtualService } from '../../model/ipvs.js'
import type { Ip } from '../../values/ip.js'

/** What a scheduler may go by. */
export interface Ask {
  readonly service: VirtualService
  readonly client: Ip
  readonly clientPort: number
  readonly target: Ip
  /** Its own memory for this service. */
  readonly memory: Map<string, number>
  counts(server: RealServer): { readonly active: number; readonly inactive: number }
  /** Where the kernel's answer hangs on a secret (a hash seed): ask. */
  choose(at: string, options: readonly RealServer[]): RealServer | undefined
}

export interface Scheduler {
  readonly name: string
  readonly kernel: string
  readonly summary: string
  /** undefined: no destination. */
  schedule(ask: Ask): RealServer | undefined
}

/** Overloaded (u-threshold) servers are not in a dump; weight 0 takes nothing new. */
export const usable = (s: VirtualService): readonly RealServer[] => s.realServers.filter(r => r.weight > 0)

/** The least by a cost. Of equals the kernel takes the first of its own list, whose order a dump does not tell. */
export function least(
  servers: readonly RealServer[],
  cost: (r: RealServer) => number,
  { choose }: Pick<Ask, 'choose'>,
): RealServer | undefined {
  const costs = servers.map(cost)
  const lowest = costs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  return choose(
    'the first of equals',
    servers.filter((_, i) => costs[i] === lowest),
  )
}

/** ip_vs_dest_conn_overhead(): an active connection weighs as 256 inactive ones. */
export const overhead = ({ active, inactive }: { active: number; inactive: number }): number =>
  active * 256 + inactive
