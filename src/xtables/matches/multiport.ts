import { hasPorts, protoLabel } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { BadValue, option, type OptionSpec } from '../options.js'
import { allOf, hasTransport, isnt, part } from '../parts.js'
import { inRange, type Range, rangeText, readPort } from '../values.js'

/** XT_MULTI_PORTS: a range counts as two. */
const MOST = 15

const ports = (flag: string, ...more: string[]): OptionSpec<readonly Range[]> =>
  option({
    flags: [flag, ...more],
    words: 1,
    negatable: true,
    read([word], { proto }) {
      const name = proto === undefined ? undefined : protoLabel(proto)
      const items = word!.split(',')
      const used = items.reduce((n, item) => n + (item.includes(':') ? 2 : 1), 0)
      if (used > MOST) throw new BadValue('too many ports specified')
      return items.map(item => {
        const [low, high] = item.split(':')
        const from = readPort(low!, name)
        const to = high === undefined ? from : readPort(high, name)
        if (high !== undefined && from >= to) throw new BadValue('invalid portrange specified')
        return { from, to }
      })
    },
    print: list => [list.map(rangeText).join(',')],
  })

const options = {
  sports: ports('--sports', '--source-ports'),
  dports: ports('--dports', '--destination-ports'),
  ports: ports('--ports'),
} as const

export const multiport = defineMatch({
  name: 'multiport',
  summary: 'up to 15 ports, a range counting as two',
  doc: '--ports fits if either port is in the list.',
  kernel: 'net/netfilter/xt_multiport.c multiport_mt()',
  options,
  check({ sports, dports, ports: either }, { proto, protoNot }) {
    if (proto === undefined) return "needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'"
    if (protoNot || !hasPorts(proto)) return 'only works with TCP, UDP, UDPLITE, SCTP and DCCP'
    const given = [sports, dports, either].filter(Boolean).length
    if (given > 1) return 'only one of --source-ports, --destination-ports and --ports may be given'
    return given === 0 ? 'expects an option' : undefined
  },
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { sports, dports, ports: either }) => {
    const asked = sports ?? dports ?? either
    if (!asked) return []
    const { sport, dport } = packet
    if (!hasTransport(packet) || sport === undefined || dport === undefined)
      return [part(false, false, () => 'its ports cannot be seen')]
    const holds = (port: number): boolean => asked.value.some(r => inRange(port, r))
    const raw = sports ? holds(sport) : dports ? holds(dport) : holds(sport) || holds(dport)
    const seen = sports ? `sport ${sport}` : dports ? `dport ${dport}` : `sport ${sport} or dport ${dport}`
    return [part(raw, asked.not, () => `${seen} is ${isnt(raw)}in ${asked.value.map(rangeText).join(',')}`)]
  }),
})
