import type { RealServer } from '../../model/ipvs.js'
import { type Ask, least, overhead, type Scheduler, usable } from './scheduler.js'

/** A scheduler that takes the least of some cost. */
const leastBy = (
  name: string,
  kernel: string,
  summary: string,
  cost: (r: RealServer, ask: Ask) => number,
): Scheduler => ({
  name,
  kernel,
  summary,
  schedule: ask => least(usable(ask.service), r => cost(r, ask), ask),
})

export const lc = leastBy('lc', 'ip_vs_lc.c', 'fewest connections', (r, ask) => overhead(ask.counts(r)))
export const wlc = leastBy(
  'wlc',
  'ip_vs_wlc.c',
  'fewest connections by weight',
  (r, ask) => overhead(ask.counts(r)) / r.weight,
)
export const sed = leastBy(
  'sed',
  'ip_vs_sed.c',
  'shortest expected delay',
  (r, ask) => (ask.counts(r).active + 1) / r.weight,
)

export const nq: Scheduler = {
  name: 'nq',
  kernel: 'ip_vs_nq.c',
  summary: 'an idle server if there is one, else shortest expected delay',
  schedule: ask => {
    const idle = usable(ask.service).filter(r => ask.counts(r).active === 0)
    return idle.length > 0 ? ask.choose('the first idle one', idle) : sed.schedule(ask)
  },
}

export const ovf: Scheduler = {
  name: 'ovf',
  kernel: 'ip_vs_ovf.c',
  summary: 'the heaviest server until it has more active connections than weight, then the next',
  schedule: ask =>
    least(
      usable(ask.service).filter(r => ask.counts(r).active <= r.weight),
      r => -r.weight,
      ask,
    ),
}

export const fo: Scheduler = {
  name: 'fo',
  kernel: 'ip_vs_fo.c',
  summary: 'the heaviest server',
  schedule: ask => least(usable(ask.service), r => -r.weight, ask),
}

const first = (_: string, options: readonly RealServer[]) => options[0]

/** Chance picks two servers (heavier ones more often), and the less loaded of them is taken. */
export const twos: Scheduler = {
  name: 'twos',
  kernel: 'ip_vs_twos.c',
  summary: 'the less loaded of two servers picked by chance',
  schedule(ask) {
    const servers = usable(ask.service)
    const one = ask.choose('the first pick', servers)
    const two = ask.choose('the second pick', servers)
    return one && two && least([one, two], r => overhead(ask.counts(r)) / r.weight, { choose: first })
  },
}

/** The locality schedulers remember a server for a destination; the first choice is wlc's. */
const locality = (name: string, kernel: string): Scheduler => ({
  name,
  kernel,
  summary: 'the server that served this destination last, else fewest connections by weight',
  schedule(ask) {
    const before = ask.memory.get(ask.target)
    const known = before === undefined ? undefined : ask.service.realServers[before]
    if (known && known.weight > 0) return known
    const found = wlc.schedule(ask)
    if (found) ask.memory.set(ask.target, ask.service.realServers.indexOf(found))
    return found
  },
})
export const lblc = locality('lblc', 'ip_vs_lblc.c')
export const lblcr = locality('lblcr', 'ip_vs_lblcr.c')
