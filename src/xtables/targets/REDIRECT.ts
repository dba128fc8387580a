import { familyOf, type Ip, isLinkLocal } from '../../values/ip.js'
import { defineTarget, type RuleEnv } from '../extension.js'
import { flag } from '../values.js'
import { natRange, portsNeedProto, toPorts } from './nat-range.js'

/** DNAT to this machine itself. */
export const redirectTarget = defineTarget({
  name: 'REDIRECT',
  summary: 'send a new connection to this machine itself, on another port if asked',
  doc: `In PREROUTING the new destination is the first address of the device that the packet came in by (for bridged
frames: of the bridge); a device without an address drops the packet. In OUTPUT it is the loopback address.`,
  kernel: 'net/netfilter/nf_nat_redirect.c nf_nat_redirect_ipv4(), nf_nat_redirect_ipv6()',
  tables: ['nat'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options: { ports: toPorts('refuse'), random: flag('--random') },
  check: (args, rule) => portsNeedProto(args.ports?.value, rule),
  act(env, args) {
    const address = ownAddress(env)
    if (address === undefined)
      return {
        kind: 'verdict',
        verdict: 'DROP',
        because: `${env.in ?? env.skb.dev ?? 'the device'} has no address to redirect to`,
      }
    const to = { minAddress: address, maxAddress: address, ...args.ports?.value }
    return { kind: 'nat', manip: 'dst', range: natRange(to, args) }
  },
})

function ownAddress(env: RuleEnv): Ip | undefined {
  const v4 = env.family === 'ipv4'
  if (env.hook === 'OUTPUT') return (v4 ? '127.0.0.1' : '::1') as Ip
  const dev = env.in ?? env.skb.dev
  const own = dev === undefined ? [] : env.addressesOf(dev).filter(a => familyOf(a) === env.family)
  if (v4) return own[0]
  // only a link-local address can take what was sent to a link-local one
  return isLinkLocal(env.skb.packet.dst) ? own.find(isLinkLocal) : (own.find(a => !isLinkLocal(a)) ?? own[0])
}
