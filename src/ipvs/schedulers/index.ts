import type { RealServer } from '../../model/ipvs.js'
import { hashBucket, shTable } from './source-hash.js'
import { type Ask, least, overhead, type Scheduler, usable } from './scheduler.js'

const rr: Scheduler = {
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

const wrr: Scheduler = {
  name: 'wrr',
  kernel: 'ip_vs_wrr.c',
  summary: 'one after the other, in proportion to weight, the heaviest first',
  schedule({ service, memory }) {
    const all = service.realServers
    const max = Math.max(0, ...all.map(r => r.weight))
    if (max === 0) return undefined
    const step = usable(service).reduce((g, r) => gcd(g, r.weight), 0)
    let at = memory.get('at') ?? -1
    let level = memory.get('level') ?? 0
    for (let i = 0; i <= all.length * (max / step + 1); i++) {
      at++
      if (at >= all.length || level === 0) {
        if (at >= all.length || at < 0) at = 0
        level -= step
        if (level <= 0) level = max
      }
      if (all[at]!.weight >= level) {
        memory.set('at', at)
        memory.set('level', level)
        return all[at]
      }
    }
    return undefined
  },
}

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
  schedule: ask => least(usable(ask.service), r => cost(r, ask)),
})

const lc = leastBy('lc', 'ip_vs_lc.c', 'fewest connections', (r, ask) => overhead(ask.counts(r)))
const wlc = leastBy(
  'wlc',
  'ip_vs_wlc.c',
  'fewest connections by weight',
  (r, ask) => overhead(ask.counts(r)) / r.weight,
)
const sed = leastBy(
  'sed',
  'ip_vs_sed.c',
  'shortest expected delay',
  (r, ask) => (ask.counts(r).active + 1) / r.weight,
)

const nq: Scheduler = {
  name: 'nq',
  kernel: 'ip_vs_nq.c',
  summary: 'an idle server if there is one, else shortest expected delay',
  schedule: ask => usable(ask.service).find(r => ask.counts(r).active === 0) ?? sed.schedule(ask),
}

const ovf: Scheduler = {
  name: 'ovf',
  kernel: 'ip_vs_ovf.c',
  summary: 'the heaviest server until its weight is the number of its active connections, then the next',
  schedule: ask =>
    least(
      usable(ask.service).filter(r => ask.counts(r).active < r.weight),
      r => -r.weight,
    ),
}

const fo: Scheduler = {
  name: 'fo',
  kernel: 'ip_vs_fo.c',
  summary: 'the heaviest server',
  schedule: ask => least(usable(ask.service), r => -r.weight),
}

const sh: Scheduler = {
  name: 'sh',
  kernel: 'ip_vs_sh.c',
  summary: 'by a hash of the source address (sh-port: and port)',
  schedule(ask) {
    const table = shTable(ask.service)
    if (table.length === 0) return undefined
    const byPort = ask.service.schedulerFlags.includes('sh-port')
    const fallback = ask.service.schedulerFlags.includes('sh-fallback')
    const tries = fallback ? table.length : 1
    for (let offset = 0; offset < tries; offset++) {
      const found = table[hashBucket(ask.client, byPort ? ask.clientPort : 0, offset)]
      if (found && found.weight > 0) return found
    }
    return undefined
  },
}

const dh: Scheduler = {
  name: 'dh',
  kernel: 'ip_vs_dh.c',
  summary: 'by a hash of the destination address',
  schedule: ask => {
    const all = ask.service.realServers
    if (all.length === 0) return undefined
    const found = all[hashBucket(ask.target, 0, 0, 'dh') % all.length]
    return found && found.weight > 0 ? found : undefined
  },
}

/** mh hashes with siphash over a table of primes: any live server is as likely as its weight says. */
const mh: Scheduler = {
  name: 'mh',
  kernel: 'ip_vs_mh.c',
  summary: 'Maglev hashing of the source address',
  schedule: ask => ask.choose('the Maglev hash', usable(ask.service)),
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

export const SCHEDULERS: ReadonlyMap<string, Scheduler> = new Map(
  [
    rr,
    wrr,
    lc,
    wlc,
    sh,
    dh,
    sed,
    nq,
    locality('lblc', 'ip_vs_lblc.c'),
    locality('lblcr', 'ip_vs_lblcr.c'),
    mh,
    ovf,
    fo,
  ].map(s => [s.name, s]),
)
