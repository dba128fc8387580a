import type { Iface, InterfaceAddress } from '../model/iface.js'
import { type Ip, ipBits, isLinkLocal } from '../values/ip.js'
import { contains, type Prefix } from '../values/prefix.js'

/** __ipv6_addr_type(): link-local addresses, and the loopback one, reach less far than all others. */
const LINK = 2
const GLOBAL = 14
const scopeOf = (address: Ip): number => (isLinkLocal(address) || address === '::1' ? LINK : GLOBAL)

/** ip6addrlbl_init_table (net/ipv6/addrlabel.c): the labels of RFC 6724, longest prefix first. */
const LABELS: readonly (readonly [Prefix, number])[] = (
  [
    ['::1', 128, 0],
    ['::ffff:0.0.0.0', 96, 4],
    ['::', 96, 3],
    ['2001:10::', 28, 7],
    ['2001::', 32, 6],
    ['2002::', 16, 2],
    ['fc00::', 7, 5],
  ] as const
).map(([base, length, label]) => [{ base: base as Ip, length }, label])
const labelOf = (address: Ip): number => LABELS.find(([prefix]) => contains(prefix, address))?.[1] ?? 1

function commonBits(a: Ip, b: Ip): number {
  const x = ipBits(a)
  const y = ipBits(b)
  for (let i = 0; i < 4; i++) {
    const differ = (x[i]! ^ y[i]!) >>> 0
    if (differ !== 0) return 32 * i + Math.clz32(differ)
  }
  return 128
}

/**
 * ipv6_dev_get_saddr(), ipv6_get_saddr_eval() (net/ipv6/addrconf.c): the source address for a destination, of all
 * devices that are up: the destination itself, one that reaches as far, one that is not deprecated, one of the device
 * it leaves by, one of the same label, a temporary one where the device wants these (use_tempaddr 2) and no temporary one
 * elsewhere, the longest common prefix; among equals the first.
 */
export function sourceAddress6(
  ifaces: readonly Iface[],
  dev: string,
  towards: Ip,
  wantsTemporary: (dev: string) => boolean = () => false,
): Ip | undefined {
  const far = scopeOf(towards)
  const score = (
    iface: Iface,
    { address, prefixLength, deprecated, temporary }: InterfaceAddress,
  ): number[] => {
    const own = scopeOf(address)
    return [
      address === towards ? 1 : 0,
      own >= far ? -own : own - 128,
      deprecated ? 0 : 1,
      iface.name === dev ? 1 : 0,
      labelOf(address) === labelOf(towards) ? 1 : 0,
      (temporary ?? false) === wantsTemporary(iface.name) ? 1 : 0,
      Math.min(commonBits(address, towards), prefixLength),
    ]
  }
  let best: { readonly address: Ip; readonly score: readonly number[] } | undefined
  for (const iface of ifaces) {
    // what reaches no farther than the link has a source on that very link
    if (!iface.up || (far === LINK && iface.name !== dev)) continue
    for (const entry of iface.addresses) {
      if (entry.family !== 'ipv6' || entry.tentative) continue
      const mine = score(iface, entry)
      if (!best || isBetter(mine, best.score)) best = { address: entry.address, score: mine }
    }
  }
  return best?.address
}

function isBetter(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i])
  return at >= 0 && a[at]! > b[at]!
}
