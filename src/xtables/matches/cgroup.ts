import { defineMatch } from '../extension.js'
import { notTold } from '../parts.js'
import { text, uint32 } from '../values.js'

export const cgroup = defineMatch({
  name: 'cgroup',
  summary: 'the control group of the sending process',
  doc: 'By path (cgroup v2) or by class id (net_cls). Which group a client runs in is not told.',
  kernel: 'net/netfilter/xt_cgroup.c cgroup_mt_v2()',
  hooks: ['INPUT', 'OUTPUT', 'POSTROUTING'],
  options: {
    path: text('--path', { max: 511, negatable: true }),
    id: uint32('--cgroup', { negatable: true }),
  },
  check({ path, id }) {
    if (path && id) return 'option "--path" cannot be used together with "--cgroup".'
    return path || id ? undefined : 'either --path or --cgroup must be specified'
  },
  ...notTold('the control group of the sender is not told'),
})
