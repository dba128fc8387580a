import { defineTarget } from '../extension.js'
import { hopCheck, hopRows, setHops } from './hop-limit.js'

/** Changes the hop limit of an IPv6 packet. */
export const hlTarget = defineTarget({
  name: 'HL',
  summary: 'set, raise or lower the hop limit',
  doc: 'The IPv6 twin of TTL. Never wraps around: it stops at 0 and 255.',
  kernel: 'net/netfilter/xt_HL.c hl_tg6()',
  family: 'ipv6',
  tables: ['mangle'],
  options: hopRows('hl'),
  check: args => hopCheck(args, 'hl'),
  act: setHops,
})
