import { type ArgsOf, defineMatch, type RuleEnv, type Truth } from '../extension.js'
import { PROTO } from '../../values/proto.js'
import { flag } from '../values.js'

const options = {
  transparent: flag('--transparent'),
  nowildcard: flag('--nowildcard'),
  restore: flag('--restore-skmark'),
} as const
type Args = ArgsOf<typeof options>

export const socket = defineMatch({
  name: 'socket',
  summary: 'is there a local socket for this packet?',
  doc: 'Listeners come from the dump; sockets of connections that exist already are not told. A socket bound to no address counts with --nowildcard only.',
  kernel: 'net/netfilter/xt_socket.c socket_mt4_v0(), socket_mt6_v1_v2_v3()',
  hooks: ['PREROUTING', 'INPUT'],
  options,
  match: (env, args) => look(env, args).is,
  because: (env, args) => look(env, args).says,
})

function look({ skb: { packet, ct }, netns, family }: RuleEnv, args: Args): { is: Truth; says: string } {
  const proto = packet.proto === PROTO.tcp ? 'tcp' : packet.proto === PROTO.udp ? 'udp' : undefined
  if (!proto) return { is: false, says: 'only TCP and UDP packets have a socket to look for' }
  const where = `${packet.dst}:${packet.dport}`
  if (ct?.kind === 'tracked' && ct.info !== 'NEW')
    return { is: 'unknown', says: `whether a connected socket of ${where} exists is not told` }
  const found = netns.listeners.find(
    l =>
      l.proto === proto &&
      l.port === packet.dport &&
      l.families.includes(family) &&
      (l.address === packet.dst || (l.address === undefined && args.nowildcard !== undefined)),
  )
  if (!found)
    return {
      is: false,
      says: `no socket of ${where}${args.nowildcard ? '' : ' that is bound to the address'} was dumped`,
    }
  return args.transparent
    ? { is: 'unknown', says: `whether the socket of ${where} is transparent is not told` }
    : { is: true, says: `${found.text} is there for ${where}` }
}
