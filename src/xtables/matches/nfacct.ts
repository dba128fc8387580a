import { defineMatch } from '../extension.js'
import { text } from '../values.js'

export const nfacct = defineMatch({
  name: 'nfacct',
  summary: 'counts the packet under a name; always fits',
  doc: 'An object with a quota would stop to fit once it is used up; quotas are not in the dumps.',
  kernel: 'net/netfilter/xt_nfacct.c nfacct_mt()',
  options: { name: text('--nfacct-name', { required: true, min: 1, max: 31 }) },
  match: () => true,
  because: (_env, { name }) => `counted under ${name?.value}`,
})
