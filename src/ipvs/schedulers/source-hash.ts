import type { RealServer, VirtualService } from '../../model/ipvs.js'
import { type Ip, ipBits } from '../../values/ip.js'

/** IP_VS_SH_TAB_BITS and IP_VS_DH_TAB_BITS: 256 buckets unless the kernel was built otherwise. */
const BITS = 8
const SIZE = 1 << BITS

/** An IPv6 address is folded into one word by xor before it is hashed. */
const folded = (address: Ip): number => ipBits(address).reduce((a, b) => (a ^ b) >>> 0, 0)

/** ip_vs_sh_hashkey() with hash_32() (multiplication by the golden ratio, upper bits), ip_vs_dh_hashkey(). */
export function hashBucket(address: Ip, port: number, offset: number, kind: 'sh' | 'dh' = 'sh'): number {
  if (kind === 'dh') return Math.imul(folded(address), 2654435761) & (SIZE - 1)
  const product = Math.imul((folded(address) + port) >>> 0, 0x61c88647) >>> 0
  return (offset + (product >>> (32 - BITS))) & (SIZE - 1)
}

const tables = new WeakMap<VirtualService, readonly (RealServer | undefined)[]>()

/** ip_vs_sh_reassign(): buckets are dealt out in the servers' order, each as many in a row as its weight. */
export function shTable(service: VirtualService): readonly (RealServer | undefined)[] {
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
