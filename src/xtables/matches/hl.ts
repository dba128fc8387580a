import { hopMatch } from './hops.js'

export const hl = hopMatch('hl', 'ipv6', 'hop limit', 'net/netfilter/xt_hl.c hl_mt6()')
