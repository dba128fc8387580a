import type { RealServer, VirtualService } from '../../model/ipvs.js'
import type { Ip } from '../../values/ip.js'
import { folded } from './hash.js'
import type { Scheduler } from './scheduler.js'
import { hsiphash } from './siphash.js'

/** CONFIG_IP_VS_MH_TAB_INDEX is 12 unless the kernel was built otherwise: this prime, and 6 bits of weight. */
const SIZE = 4093
const WEIGHT_BITS = 6
/** ip_vs_mh.c generate_hash_secret(): the keys are no secret at all, so the answer can be computed. */
const KEY1 = 2654435761n
const KEY2 = 2654446892n

/** ip_vs_mh_hashkey(). */
const hashKey = (address: Ip, port: number, offset: number, key: bigint): number =>
  hsiphash((folded(address) + port + offset) >>> 0, key)

const tables = new WeakMap<VirtualService, readonly RealServer[]>()

/**
 * ip_vs_mh_populate(): servers take turns, as many in a row as their weight says, and each takes the next free
 * place of its own walk through the table. Empty where no server has weight.
 */
function tableOf(service: VirtualService): readonly RealServer[] {
  let table = tables.get(service)
  if (!table) {
    table = populate(service.realServers)
    tables.set(service, table)
  }
  return table
}

function populate(servers: readonly RealServer[]): readonly RealServer[] {
  const live = servers.filter(r => r.weight > 0)
  if (live.length === 0) return []
  const step = live.reduce((g, r) => gcd(g, r.weight), 0)
  const heaviest = live.reduce((max, r) => Math.max(max, r.weight), 0) / step
  // ip_vs_mh_shift_weight(): weights of more than 6 bits lose their lower ones
  const shift = Math.max(0, 32 - Math.clz32(heaviest) - WEIGHT_BITS)
  const walkers = live.map(server => ({
    server,
    at: hashKey(server.address, server.port, 0, KEY1) % SIZE,
    skip: (hashKey(server.address, server.port, 0, KEY2) % (SIZE - 1)) + 1,
    turns: Math.max(1, (server.weight / step) >>> shift),
  }))
  const table: RealServer[] = new Array(SIZE)
  for (let taken = 0; ; ) {
    for (const walker of walkers) {
      for (let turn = 0; turn < walker.turns; turn++) {
        while (table[walker.at] !== undefined) walker.at = (walker.at + walker.skip) % SIZE
        table[walker.at] = walker.server
        if (++taken === SIZE) return table
      }
    }
  }
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

export const mh: Scheduler = {
  name: 'mh',
  kernel: 'ip_vs_mh.c',
  summary: 'Maglev hashing of the source address (mh-port: and port)',
  schedule({ service, client, clientPort }) {
    const table = tableOf(service)
    const port = service.schedulerFlags.includes('mh-port') ? clientPort : 0
    // a server whose weight went to 0 after the table was made is not in a dump: what is in the table is live
    return table[hashKey(client, port, 0, KEY1) % SIZE]
  },
}
