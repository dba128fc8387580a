import { defineMatch } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { allOf, part } from '../parts.js'
import { outOfRange, uint } from '../values.js'

const eight = (n: number): string => `0x${n.toString(16).padStart(8, '0')}`

export const cluster = defineMatch({
  name: 'cluster',
  summary: "this machine's share of the connections of a cluster",
  doc: 'Which node a source belongs to is a hash with a seed; nfsim does not compute it.',
  kernel: 'net/netfilter/xt_cluster.c xt_cluster_mt()',
  options: {
    nodes: option<number>({
      flags: ['--cluster-local-nodemask', '--cluster-local-node'],
      words: 1,
      negatable: true,
      read([word], _context, as) {
        const single = as === '--cluster-local-node'
        const n = readUint(word!, single ? 32 : 0xffffffff, 1)
        if (Number.isNaN(n)) throw outOfRange(as, 1, single ? 32 : 0xffffffff)
        return single ? (1 << (n - 1)) >>> 0 : n
      },
      print: n => [eight(n)],
    }),
    total: uint('--cluster-total-nodes', { min: 1, max: 32, required: true }),
    seed: option<number>({
      flags: ['--cluster-hash-seed'],
      words: 1,
      required: true,
      read([word], _context, as) {
        const n = readUint(word!)
        if (Number.isNaN(n)) throw new BadValue(`bad value for option "${as}"`)
        return n
      },
      print: n => [eight(n)],
    }),
  },
  check({ nodes, total }) {
    if (!nodes) return "`--cluster-local-node' or`--cluster-local-nodemask' is missing"
    return nodes.value >= 2 ** total!.value
      ? "`--cluster-local-node' must be <= `--cluster-total-nodes'"
      : undefined
  },
  ...allOf<object>(({ skb: { ct } }) => [
    ct?.kind === 'tracked'
      ? part('unknown', false, () => 'which node of the cluster a connection belongs to is not computed')
      : part(false, false, () => 'it has no conntrack entry'),
  ]),
})
