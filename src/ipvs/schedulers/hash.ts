import type { RealServer, VirtualService } from '../../model/ipvs.js'
import { type Ip, ipBits } from '../../values/ip.js'
import type { Scheduler } from './scheduler.js'

/** IP_VS_SH_TAB_BITS and IP_VS_DH_TAB_BITS: 256 buckets unless the kernel was built otherwise. */
const BITS = 8
const SIZE = 1 << BITS

/** An IPv6 address is folded into one word by xor before it is hashed. */
export const folded = (address: Ip): number => ipBits(address).reduce((a, b) => (a ^ b) >>> 0, 0)

/** hash_32() (include/linux/hash.h): multiplication by the golden ratio, upper bits. */
const hash32 = (word: number): number => (Math.imul(word, 0x61c88647) >>> 0) >>> (32 - BITS)

/** ip_vs_sh_hashkey(). */
const sourceBucket = (address: Ip, port: number, offset: number): number =>
  (offset + hash32((folded(address) + port) >>> 0)) % SIZE

const tables = new WeakMap<VirtualService, readonly RealServer[]>()

/** ip_vs_sh_reassign(): buckets are dealt out in the servers' order, each as many in a row as its weight. */
function sourceTable(service: VirtualService): readonly RealServer[] {
  let table = tables.get(service)
  if (!table) {
    const servers = service.realServers
    const dealt: RealServer[] = []
    for (let i = 0; servers.length > 0 && dealt.length < SIZE; i++) {
      const r = servers[i % servers.length]!
      for (let n = 0; n < Math.max(1, r.weight) && dealt.length < SIZE; n++) dealt.push(r)
    }
    table = dealt
    tables.set(service, table)
  }
  return table
}

export const sh: Scheduler = {
  name: 'sh',
  kernel: 'ip_vs_sh.c',
  summary: 'by a hash of the source address (sh-port: and port)',
  schedule({ service, client, clientPort }) {
    const table = sourceTable(service)
    if (table.length === 0) return undefined
    const port = service.schedulerFlags.includes('sh-port') ? clientPort : 0
    const first = sourceBucket(client, port, 0)
    if (table[first]!.weight > 0) return table[first]
    if (!service.schedulerFlags.includes('sh-fallback')) return undefined
    // ip_vs_sh_get_fallback() goes round the table from as far beyond the bucket as the bucket is from 0
    for (let n = 0; n < SIZE; n++) {
      const found = table[sourceBucket(client, port, (n + first) % SIZE)]!
      if (found.weight > 0) return found
    }
    return undefined
  },
}

/** ip_vs_dh_reassign() deals out buckets one by one, whatever the weights. */
export const dh: Scheduler = {
  name: 'dh',
  kernel: 'ip_vs_dh.c',
  summary: 'by a hash of the destination address',
  schedule({ service, target }) {
    const all = service.realServers
    const found = all[hash32(folded(target)) % Math.max(1, all.length)]
    return found && found.weight > 0 ? found : undefined
  },
}
