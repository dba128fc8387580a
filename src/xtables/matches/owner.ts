import { type ArgsOf, defineMatch, type Truth } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option, type OptionSpec } from '../options.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { flag, inRange, type Range } from '../values.js'
import { GROUPS, USERS } from './accounts.js'

const id = (flagName: string, names: ReadonlyMap<string, number>): OptionSpec<Range> =>
  option({
    flags: [flagName],
    words: 1,
    negatable: true,
    read([word], _context, as) {
      const named = names.get(word!)
      if (named !== undefined) return { from: named, to: named }
      const [low, high, more] = word!.split('-')
      const from = readUint(low!, 0xfffffffe)
      const to = high === undefined ? from : readUint(high, 0xfffffffe)
      if (Number.isNaN(from) || Number.isNaN(to) || more !== undefined || from > to)
        throw new BadValue(`Bad value for "${as}" option: "${word}"`)
      return { from, to }
    },
    print: r => [r.from === r.to ? `${r.from}` : `${r.from}-${r.to}`],
  })

const options = {
  socket: flag('--socket-exists', { negatable: true }),
  uid: id('--uid-owner', USERS),
  gid: id('--gid-owner', GROUPS),
  suppl: flag('--suppl-groups'),
} as const

export const owner = defineMatch({
  name: 'owner',
  summary: 'the user and group whose socket sent the packet',
  doc: 'In OUTPUT and POSTROUTING. Forwarded packets have no socket: only `!` fits them. ICMP errors, echo replies, resets and neighbour discovery leave by a socket of the kernel, which exists but has no user.',
  kernel: 'net/netfilter/xt_owner.c owner_mt()',
  hooks: ['OUTPUT', 'POSTROUTING'],
  options,
  check(args) {
    const { socket, uid, gid, suppl } = args
    const order = Object.keys(args)
    if (suppl && (!gid || order.indexOf('suppl') < order.indexOf('gid')))
      return 'Bad value for "--suppl-groups" option: "you need to use --gid-owner first"'
    return socket || uid || gid
      ? undefined
      : 'At least one of --uid-owner, --gid-owner or --socket-exists is required'
  },
  ...allOf<ArgsOf<typeof options>>(({ skb }, { socket, uid, gid }) => {
    const parts: Part[] = []
    const born = skb.noSocket !== true && skb.inDev === undefined && skb.dev === undefined
    const exists = born || skb.kernelSocket === true
    if (socket) parts.push(part(exists, socket.not, () => `it was ${isnt(exists)}sent by a local socket`))
    const who = (what: string, seen: number | undefined, asked: typeof uid): void => {
      if (!asked) return
      const { value, not } = asked
      if (!born) {
        // without a socket the kernel answers as if every question had been answered no
        parts.push(part(false, not, () => `no local socket sent it, so it has no ${what}`))
        return
      }
      const raw: Truth = seen === undefined ? 'unknown' : inRange(seen, value)
      const range = value.from === value.to ? `${value.from}` : `${value.from}-${value.to}`
      parts.push(
        part(raw, not, () =>
          seen === undefined ? `the sender's ${what} is not told` : `${what} ${seen} is ${isnt(raw)}${range}`,
        ),
      )
    }
    who('uid', skb.owner?.uid, uid)
    who('gid', skb.owner?.gid, gid)
    return parts
  }),
})
