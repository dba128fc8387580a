import { TCP, type TcpFlagName } from '../../model/packet.js'
import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { BadValue, option } from '../options.js'
import { allOf, hasTransport, isnt, part } from '../parts.js'
import { uint8 } from '../values.js'
import { portOptions, portParts, portsSeen } from './ports.js'

/** Only these six can be asked for; ECE and CWR belong to -m ecn. */
const FLAGS: readonly TcpFlagName[] = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']
const ALL = 0x3f
const SYN_MASK = TCP.SYN | TCP.RST | TCP.ACK | TCP.FIN

export interface FlagTest {
  readonly mask: number
  readonly want: number
}

function readFlags(word: string): number {
  let bits = 0
  for (const name of word.split(',').filter(w => w !== '')) {
    const upper = name.toUpperCase()
    const flag = FLAGS.find(f => f === upper)
    if (upper === 'ALL') bits |= ALL
    else if (flag) bits |= TCP[flag]
    else if (upper !== 'NONE') throw new BadValue(`Unknown TCP flag \`${name}'`)
  }
  return bits
}
const flagsText = (bits: number): string => FLAGS.filter(f => bits & TCP[f]).join(',') || 'NONE'
const seenText = (bits: number): string => (bits === 0 ? 'no flag' : flagsText(bits))

const options = {
  ...portOptions('tcp'),
  option: uint8('--tcp-option', { negatable: true }),
  flags: option<FlagTest>({
    flags: ['--tcp-flags', '--syn'],
    words: [0, 2],
    negatable: true,
    read(words, _context, flag) {
      if (flag === '--syn') {
        if (words.length > 0) throw new BadValue(`"--syn" takes no argument, not "${words[0]}"`)
        return { mask: SYN_MASK, want: TCP.SYN }
      }
      if (words.length !== 2) throw new BadValue('--tcp-flags requires two args.')
      return { mask: readFlags(words[0]!), want: readFlags(words[1]!) }
    },
    print: ({ mask, want }) => (mask === 0 && want === 0 ? undefined : [flagsText(mask), flagsText(want)]),
  }),
} as const

export const tcp = defineMatch({
  name: 'tcp',
  summary: 'ports, flags and options of a TCP segment',
  doc: '`-p tcp` loads it for --sport, --dport and --tcp-flags. --syn is a SYN without RST, ACK and FIN.',
  kernel: 'net/netfilter/xt_tcpudp.c tcp_mt()',
  protos: [PROTO.tcp],
  options,
  check: ({ option: asked }) => (asked?.value === 0 ? 'Bad TCP option "0"' : undefined),
  ...allOf<ArgsOf<typeof options>>((env, args) => {
    // what asks for an option is left to xt_tcpudp
    const packet = portsSeen(env, args.option === undefined)
    if ('is' in packet) return [packet]
    const parts = portParts(packet, args)
    if (!hasTransport(packet)) return parts
    if (args.flags) {
      const { mask, want } = args.flags.value
      const seen = (packet.tcpFlags ?? 0) & mask
      const raw = seen === want
      parts.push(
        part(
          raw,
          args.flags.not,
          () => `of ${flagsText(mask)} ${seenText(seen)} is set, which is ${isnt(raw)}${flagsText(want)}`,
        ),
      )
    }
    if (args.option) {
      const { value, not } = args.option
      const raw = packet.tcpOptions?.includes(value) ?? 'unknown'
      parts.push(
        part(
          raw,
          not,
          () => `TCP option ${value} is ${raw === 'unknown' ? 'not told' : `${isnt(raw)}there`}`,
        ),
      )
    }
    return parts
  }),
})
