import { hopMatch } from './hops.js'

export const ttl = hopMatch('ttl', 'ipv4', 'time to live', 'net/netfilter/xt_hl.c ttl_mt()')
