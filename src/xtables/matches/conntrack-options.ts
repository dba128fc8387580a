import { parseProto } from '../../values/proto.js'
import { maskLength, network, type Network, networkText } from '../addresses.js'
import type { ArgsOf } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option, type OptionSpec } from '../options.js'
import { keyword, portRange, type Range, uintRange } from '../values.js'
import { wordBits } from './bits.js'

const STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT']
const STATUSES = ['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED']
const negatable = { negatable: true } as const

/** An address under a mask; the tool prints a mask only if it is contiguous and not full. */
const side = (flag: string): OptionSpec<Network> =>
  option({
    ...network(flag, { negatable: true, keepHost: true }),
    print: n => [maskLength(n.mask) < 0 ? n.address : networkText(n)],
  })
const port = (flag: string): OptionSpec<Range> =>
  portRange(flag, undefined, { negatable: true, loose: true, showFull: true })

export const options = {
  state: wordBits(['--ctstate'], STATES, w => `Bad ctstate "${w}"`, negatable),
  proto: option<number>({
    flags: ['--ctproto'],
    words: 1,
    negatable: true,
    read([word]) {
      const n = parseProto(word!.toLowerCase()) ?? readUint(word!, 255)
      if (Number.isNaN(n)) throw new BadValue(`unknown protocol "${word}" specified`)
      return n
    },
    print: n => [String(n)],
  }),
  origSrc: side('--ctorigsrc'),
  origDst: side('--ctorigdst'),
  replSrc: side('--ctreplsrc'),
  replDst: side('--ctrepldst'),
  origSrcPort: port('--ctorigsrcport'),
  origDstPort: port('--ctorigdstport'),
  replSrcPort: port('--ctreplsrcport'),
  replDstPort: port('--ctrepldstport'),
  status: wordBits(['--ctstatus'], STATUSES, w => `Bad ctstatus "${w}"`, { negatable: true, none: 'NONE' }),
  expire: uintRange('--ctexpire', negatable),
  dir: keyword('--ctdir', ['ORIGINAL', 'REPLY'], { ignoreCase: true }),
} as const
export type Args = ArgsOf<typeof options>
