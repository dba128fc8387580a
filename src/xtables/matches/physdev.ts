import { type ArgsOf, defineMatch, type RuleEnv } from '../extension.js'
import { deviceTest } from '../header-match.js'
import { BadValue, option, type OptionSpec } from '../options.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { flag } from '../values.js'

const port = (flagName: string): OptionSpec<string> =>
  option({
    flags: [flagName],
    words: 1,
    negatable: true,
    read([word]) {
      if (word === '') throw new BadValue('Empty interface is likely to be undesired')
      if (word!.length > 15)
        throw new BadValue(`interface name \`${word}' must be shorter than IFNAMSIZ (15)`)
      return word!
    },
    print: name => [name],
  })
const negatable = { negatable: true } as const
const options = {
  in: port('--physdev-in'),
  isIn: flag('--physdev-is-in', negatable),
  out: port('--physdev-out'),
  isOut: flag('--physdev-is-out', negatable),
  isBridged: flag('--physdev-is-bridged', negatable),
} as const
type Args = ArgsOf<typeof options>

export const physdev = defineMatch({
  name: 'physdev',
  summary: 'the bridge ports that a frame came in by and will leave by',
  doc: 'Known only while br_netfilter looks after a bridged frame; a routed packet has no outgoing port.',
  kernel: 'net/netfilter/xt_physdev.c physdev_mt()',
  options,
  check(args, { chain }) {
    if (Object.keys(args).length === 0) return 'no physdev option specified'
    // physdev_mt_check(): what is sent from here has no port yet
    return chain === 'OUTPUT' && (args.out || args.isOut) && !args.isBridged
      ? '--physdev-out and --physdev-is-out are not usable in OUTPUT: the packet is not bridged yet'
      : undefined
  },
  ...allOf<Args>(physdevParts),
})

function physdevParts({ skb }: RuleEnv, args: Args): Part[] {
  const bridge = skb.bridgeNf
  if (!bridge) return withoutBridge(args)
  const { physIn, physOut } = bridge
  const parts: Part[] = []
  if (args.isBridged)
    parts.push(
      part(physOut !== undefined, args.isBridged.not, () => `it is ${isnt(physOut !== undefined)}bridged`),
    )
  if (args.isIn)
    parts.push(part(physIn !== undefined, args.isIn.not, () => `it came in by ${physIn ?? 'no'} bridge port`))
  if (args.isOut)
    parts.push(
      part(physOut !== undefined, args.isOut.not, () => `it leaves by ${physOut ?? 'no'} bridge port`),
    )
  const named = (what: string, seen: string, asked: { value: string; not: boolean }): void => {
    const raw = deviceTest({ name: asked.value, not: false })(seen)
    parts.push(part(raw, asked.not, () => `${what} ${seen} is ${isnt(raw)}${asked.value}`))
  }
  // an incoming port that isn't known is not compared; an outgoing one that isn't known fits nothing, not even `!`
  if (args.in && physIn === undefined)
    parts.push(part(true, false, () => 'no incoming bridge port is known, so none is compared'))
  else if (args.in && physIn !== undefined) named('physin', physIn, args.in)
  if (args.out && physOut === undefined)
    parts.push(part(false, false, () => 'the outgoing bridge port is not known here'))
  else if (args.out && physOut !== undefined) named('physout', physOut, args.out)
  return parts
}

/** A packet that isn't a bridged frame fits only where no port is asked for, or all of it is negated. */
function withoutBridge(args: Args): Part[] {
  return [args.isBridged, args.isIn, args.isOut, args.in, args.out]
    .filter(arg => arg !== undefined)
    .map(arg =>
      part(false, arg.not, () => 'br_netfilter is not looking after this packet, it has no bridge port'),
    )
}
