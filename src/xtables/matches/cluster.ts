import { ipBits } from '../../values/ip.js'
import { jhash2, littleEndian, scaled } from '../../values/jhash.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { allOf, part } from '../parts.js'
import { outOfRange, uint } from '../values.js'

const eight = (n: number): string => `0x${n.toString(16).padStart(8, '0')}`

const options = {
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
} as const

export const cluster = defineMatch({
  name: 'cluster',
  summary: "this machine's share of the connections of a cluster",
  doc: 'Which node a source belongs to is a hash of its address with the seed (as little-endian machines compute it).',
  kernel: 'net/netfilter/xt_cluster.c xt_cluster_mt()',
  options,
  check({ nodes, total }) {
    if (!nodes) return "`--cluster-local-node' or`--cluster-local-nodemask' is missing"
    return nodes.value >= 2 ** total!.value
      ? "`--cluster-local-node' must be <= `--cluster-total-nodes'"
      : undefined
  },
  ...allOf<ArgsOf<typeof options>>(({ skb: { ct } }, { nodes, total, seed }) => {
    if (ct?.kind !== 'tracked') return [part(false, false, () => 'it has no conntrack entry')]
    const { address } = (ct.entry.master ?? ct.entry).original.src
    const node = scaled(jhash2(littleEndian(ipBits(address)), seed!.value), total!.value)
    const raw = ((nodes!.value >>> node) & 1) === 1
    return [
      part(
        raw,
        nodes!.not,
        () => `connections from ${address} belong to node ${node + 1} of ${total!.value}`,
      ),
    ]
  }),
})
