import { defineTarget } from '../extension.js'
import { hopCheck, hopRows, setHops } from './hop-limit.js'

/** Changes the time to live of an IPv4 packet. */
export const ttlTarget = defineTarget({
  name: 'TTL',
  summary: 'set, raise or lower the time to live',
  doc: 'Never wraps around: it stops at 0 and 255. Lowering it to 0 doesn’t drop the packet; the next router will.',
  kernel: 'net/netfilter/xt_HL.c ttl_tg()',
  family: 'ipv4',
  tables: ['mangle'],
  options: hopRows('ttl'),
  check: args => hopCheck(args, 'ttl'),
  act: setHops,
})
