import { isIcmpError } from '../../conntrack/packet-tuple.js'
import { type Ends, endsOf } from '../../skb/ends.js'
import { isIcmp, PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch, type RuleEnv, type Truth } from '../extension.js'
import { isnt } from '../parts.js'
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
  doc: 'Listeners come from the dump, connected sockets are those of the conversation. An ICMP error is looked up by the packet that it quotes. A socket bound to no address counts with --nowildcard only.',
  kernel: 'net/netfilter/xt_socket.c socket_mt4_v0(), socket_mt6_v1_v2_v3()',
  hooks: ['PREROUTING', 'INPUT'],
  options,
  match: (env, args) => look(env, args).is,
  because: (env, args) => look(env, args).says,
})

function look(env: RuleEnv, args: Args): { is: Truth; says: string } {
  const ends = askedFor(env)
  if (!ends)
    return { is: false, says: 'only TCP and UDP, and ICMP errors about them, have a socket to look for' }
  const where = `${ends.local.address}:${ends.local.port}`
  const found = env.socketAt(ends)
  if (!found)
    return env.netns.listenersKnown === false
      ? { is: 'unknown', says: `who listens on ${where} was not dumped` }
      : { is: false, says: `no socket takes what is for ${where}` }
  if (found.isWildcard && !args.nowildcard)
    return { is: false, says: `${found.name} takes ${where}, but is bound to no address` }
  if (!args.transparent) return { is: true, says: `${found.name} takes what is for ${where}` }
  const { transparent } = found
  return {
    is: transparent,
    says:
      transparent === 'unknown'
        ? `whether ${found.name} is transparent is not told`
        : `${found.name} is ${isnt(transparent)}transparent`,
  }
}

/** extract_icmp4_fields(), nf_sk_lookup_slow_v4(): an error goes to who sent what it quotes; SNAT of the way out is undone. */
function askedFor({ skb: { packet, ct } }: RuleEnv): Ends | undefined {
  const { inner } = packet
  const isError = isIcmp(packet.proto) && isIcmpError(packet)
  if (isError && !inner) return undefined
  const sent = isError && endsOf(inner!)
  const ends = sent ? { ...sent, local: sent.remote, remote: sent.local } : endsOf(packet)
  if (ends.proto !== PROTO.tcp && ends.proto !== PROTO.udp) return undefined
  const isReply = ct?.kind === 'tracked' && ct.info === (isError ? 'RELATED_REPLY' : 'ESTABLISHED_REPLY')
  return isReply && ct.entry.srcNatDone ? { ...ends, local: ct.entry.original.src } : ends
}
