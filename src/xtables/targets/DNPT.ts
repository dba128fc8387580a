import { defineTarget } from '../extension.js'
import { prefixRows, translatePrefix } from './prefix-translation.js'

/** Translates the destination's prefix. */
export const dnptTarget = defineTarget({
  name: 'DNPT',
  summary: 'put another prefix into the destination, without state',
  doc: 'Packets one by one, no conntrack: the way back needs a rule with SNPT and the prefixes the other way round.',
  kernel: 'net/ipv6/netfilter/ip6t_NPT.c ip6t_dnpt_tg()',
  family: 'ipv6',
  tables: ['mangle'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options: prefixRows,
  act: (env, args) => translatePrefix(env, args, 'dst'),
})
