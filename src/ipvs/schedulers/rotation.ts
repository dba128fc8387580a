import type { VirtualService } from '../../model/ipvs.js'
import type { Scheduler } from './scheduler.js'

/*
 * Who is first after a start hangs on the order in which the servers were added, and ipvsadm sorts its lists. The
 * last of a list is taken for the first that was added: the kernel puts a new server at the head (ip_vs_ctl.c
 * __ip_vs_update_dest()), so the kernel's order is then that of the list.
 */

export const rr: Scheduler = {
  name: 'rr',
  kernel: 'ip_vs_rr.c',
  summary: 'one after the other',
  schedule({ service, memory }) {
    const all = service.realServers
    const from = memory.get('next') ?? 0
    for (let i = 0; i < all.length; i++) {
      const at = (from + i) % all.length
      if (all[at]!.weight > 0) {
        memory.set('next', at + 1)
        return all[at]
      }
    }
    return undefined
  },
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** Step and top of the level that a server's weight must reach. */
function bounds(weights: readonly number[]): { step: number; top: number } {
  const step = weights.reduce((g, w) => gcd(g, w), 0) || 1
  return { step, top: Math.max(0, ...weights) - (step - 1) }
}

/** ip_vs_wrr_dest_changed(), server by server: the level at which a new service begins. */
function firstLevel({ realServers }: VirtualService): number {
  let level = 0
  for (let from = realServers.length - 1; from >= 0; from--) {
    const { step, top } = bounds(realServers.slice(from).map(r => r.weight))
    if (level > top || level === 0) level = top
    else if (step > 1) level = Math.floor(level / step) * step + 1
  }
  return level
}

export const wrr: Scheduler = {
  name: 'wrr',
  kernel: 'ip_vs_wrr.c',
  summary: 'one after the other, in proportion to weight: each round asks for a little less weight',
  schedule({ service, memory }) {
    const all = service.realServers
    const { step, top } = bounds(all.map(r => r.weight))
    if (top <= 0) return undefined
    let level = memory.get('level') ?? firstLevel(service)
    for (let at = (memory.get('at') ?? -1) + 1; ; at++) {
      if (at === all.length) {
        at = 0
        level -= step
        if (level <= 0) level = top
      }
      if (all[at]!.weight < level) continue
      memory.set('at', at)
      memory.set('level', level)
      return all[at]
    }
  },
}
