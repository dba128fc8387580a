import { defineMatch } from '../extension.js'
import { notTold } from '../parts.js'
import { maskedMark } from '../values.js'

export const realm = defineMatch({
  name: 'realm',
  summary: "the realm of the packet's route",
  doc: 'By number; names of /etc/iproute2/rt_realms are not in a dump. Realms are not read from the routes.',
  kernel: 'net/netfilter/xt_realm.c realm_mt()',
  family: 'ipv4',
  options: { realm: maskedMark('--realm', { negatable: true, required: true }) },
  ...notTold('the realm of the route is not told'),
})
