import { parseMac, type Mac } from '../../values/mac.js'
import { defineTarget } from '../extension.js'
import { BadValue, option } from '../options.js'
import { flag, keyword, uint } from '../values.js'

/** Several machines behind one address: each takes its share of the connections. */
export const clusteripTarget = defineTarget({
  name: 'CLUSTERIP',
  summary: 'share one address between machines by a hash (old; kernels before 6.3)',
  doc: `All machines receive the packet by a multicast MAC address; a hash decides whose it is. nfsim doesn't know the
hash's outcome.`,
  kernel: 'net/ipv4/netfilter/ipt_CLUSTERIP.c clusterip_tg(), gone since Linux 6.3',
  family: 'ipv4',
  tables: ['filter'],
  hooks: ['INPUT'],
  options: {
    fresh: flag('--new'),
    hashmode: keyword('--hashmode', ['sourceip', 'sourceip-sourceport', 'sourceip-sourceport-destport'], {
      what: 'hash mode',
    }),
    clustermac: option<Mac>({
      flags: ['--clustermac'],
      words: 1,
      read([word]) {
        const mac = parseMac(word!)
        if (mac === undefined) throw new BadValue(`"${word}" is no MAC address`)
        if ((Number.parseInt(mac, 16) & 1) === 0)
          throw new BadValue(`${word} is no multicast address, which --clustermac must be`)
        return mac
      },
      print: m => [m.toUpperCase()],
    }),
    totalNodes: uint('--total-nodes', { min: 1, max: 16 }),
    localNode: uint('--local-node', { min: 1, max: 16 }),
    hashInit: uint('--hash-init'),
  },
  check(args) {
    const rest = [args.hashmode, args.clustermac, args.totalNodes, args.localNode]
    if (args.fresh && rest.some(a => a === undefined))
      return '--new needs --hashmode, --clustermac, --total-nodes and --local-node'
    if (!args.fresh && rest.some(a => a !== undefined)) return 'settings of the cluster need --new'
    return undefined
  },
  complete: args => (args.fresh ? { ...args, hashInit: args.hashInit ?? { value: 0, not: false } } : {}),
  act: () => ({ kind: 'unknown', because: 'whose connection this is hangs on the hash of CLUSTERIP' }),
})
