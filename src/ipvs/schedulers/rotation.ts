import type { VirtualService } from '../../model/ipvs.js'
import { type Scheduler, usable } from './scheduler.js'

/*
 * Whose turn it is, a dump does not tell, so the first turn is a choice. Its first option is the one that a new
 * service would take whose servers were added from the last of the list to the first: the kernel puts each at the
 * head (ip_vs_ctl.c __ip_vs_update_dest()), and ipvsadm sorts its lists.
 */

const FIRST_TURN = 'the first turn'

export const rr: Scheduler = {
  name: 'rr',
  kernel: 'ip_vs_rr.c',
  summary: 'one after the other',
  schedule({ service, memory, choose }) {
    const all = service.realServers
    const first = memory.has('next') ? undefined : choose(FIRST_TURN, usable(service))
    const from = first ? all.indexOf(first) : (memory.get('next') ?? 0)
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
interface Bounds {
  readonly step: number
  readonly top: number
}
const boundsOf = (divisor: number, heaviest: number): Bounds => {
  const step = divisor || 1
  return { step, top: heaviest - (step - 1) }
}

/** ip_vs_wrr_dest_changed(), server by server: the bounds, and the level at which a new service begins. */
function start({ realServers }: VirtualService): Bounds & { level: number } {
  let level = 0
  let divisor = 0
  let heaviest = 0
  for (const { weight } of realServers.toReversed()) {
    divisor = gcd(divisor, weight)
    heaviest = Math.max(heaviest, weight)
    const { step, top } = boundsOf(divisor, heaviest)
    if (level > top || level === 0) level = top
    else if (step > 1) level = Math.floor(level / step) * step + 1
  }
  return { ...boundsOf(divisor, heaviest), level }
}

export const wrr: Scheduler = {
  name: 'wrr',
  kernel: 'ip_vs_wrr.c',
  summary: 'one after the other, in proportion to weight: each round asks for a little less weight',
  schedule({ service, memory, choose }) {
    const all = service.realServers
    const { step, top, level: begin } = start(service)
    if (top <= 0) return undefined
    const fresh = !memory.has('at')
    let level = memory.get('level') ?? begin
    let at = (memory.get('at') ?? -1) + 1
    for (; at === all.length || all[at]!.weight < level; at++) {
      if (at < all.length) continue
      at = -1
      level -= step
      if (level <= 0) level = top
    }
    if (fresh) {
      const usual = all[at]!
      const first = choose(FIRST_TURN, [usual, ...usable(service).filter(r => r !== usual)])
      if (first && first !== usual) {
        at = all.indexOf(first)
        // the highest level that this weight reaches
        level = first.weight - (step - 1)
      }
    }
    memory.set('at', at)
    memory.set('level', level)
    return all[at]
  },
}
