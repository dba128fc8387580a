import { defineTarget } from '../extension.js'
import { prefixRows, translatePrefix } from './prefix-translation.js'

/** Translates the source's prefix. */
export const snptTarget = defineTarget({
  name: 'SNPT',
  summary: 'put another prefix into the source, without state',
  doc: 'Packets one by one, no conntrack: the way back needs a rule with DNPT and the prefixes the other way round.',
  kernel: 'net/ipv6/netfilter/ip6t_NPT.c ip6t_snpt_tg()',
  family: 'ipv6',
  tables: ['mangle'],
  hooks: ['INPUT', 'POSTROUTING'],
  options: prefixRows,
  act: (env, args) => translatePrefix(env, args, 'src'),
})
