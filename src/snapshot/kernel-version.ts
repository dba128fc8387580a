import type { Netns } from '../model/snapshot.js'
import { compareKernels } from '../values/kernel.js'

/**
 * Sysctls that tell a kernel's age: `key` came with `since`, and a dump that holds `beside` would have shown it.
 * (Documentation/networking/ip-sysctl.rst, ipvs-sysctl.rst and the changes that brought them.)
 */
const SIGNS = [
  { key: 'net.ipv4.vs.est_nice', since: '6.2', before: '6.1', beside: 'net.ipv4.vs.conntrack' },
  { key: 'net.ipv4.tcp_plb_enabled', since: '6.2', before: '6.1', beside: 'net.ipv4.tcp_sack' },
  { key: 'net.core.rps_default_mask', since: '6.3', before: '6.2', beside: 'net.core.somaxconn' },
  { key: 'net.ipv4.tcp_shrink_window', since: '6.6', before: '6.5', beside: 'net.ipv4.tcp_sack' },
  {
    key: 'net.ipv4.fib_multipath_hash_seed',
    since: '6.11',
    before: '6.10',
    beside: 'net.ipv4.fib_multipath_hash_policy',
  },
  { key: 'net.ipv4.tcp_rto_max_ms', since: '6.15', before: '6.14', beside: 'net.ipv4.tcp_sack' },
] as const

/** The kernel that a node's sysctls speak of, where they speak; `fallback` if it agrees with them. */
export function kernelBySysctls(
  hosts: readonly Netns[],
  fallback: string,
): { readonly kernel: string; readonly because?: string } {
  for (const { sysctl, name } of hosts) {
    const shown = SIGNS.filter(s => Object.hasOwn(sysctl, s.key))
    const lacking = SIGNS.filter(s => !Object.hasOwn(sysctl, s.key) && Object.hasOwn(sysctl, s.beside))
    const oldest = lacking.toSorted((a, b) => compareKernels(a.since, b.since))[0]
    if (oldest && compareKernels(fallback, oldest.since) >= 0)
      return {
        kernel: oldest.before,
        because: `${name} has no ${oldest.key}, which came with ${oldest.since}`,
      }
    const newest = shown.toSorted((a, b) => compareKernels(b.since, a.since))[0]
    if (newest && compareKernels(fallback, newest.since) < 0)
      return { kernel: newest.since, because: `${name} has ${newest.key}, which came with ${newest.since}` }
  }
  return { kernel: fallback }
}
