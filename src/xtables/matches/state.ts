import { type ArgsOf, defineMatch } from '../extension.js'
import { allOf, isnt, part } from '../parts.js'
import { wordBits } from './bits.js'
import { ctState } from './ct-state.js'

const options = {
  state: wordBits(
    ['--state'],
    ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED'],
    w => `Bad state "${w}"`,
    {
      required: true,
      negatable: true,
    },
  ),
} as const

export const state = defineMatch({
  name: 'state',
  summary: 'the state of the connection (older spelling of conntrack --ctstate)',
  doc: 'INVALID is a packet that conntrack could not place, UNTRACKED one that it was told to leave alone.',
  kernel: 'net/netfilter/xt_state.c state_mt(); since 1.4 the tool maps it to xt_conntrack',
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb }, { state: asked }) => {
    if (!asked) return []
    const seen = ctState(skb)
    const raw = asked.value.includes(seen)
    return [part(raw, asked.not, () => `state ${seen} is ${isnt(raw)}in ${asked.value.join(',')}`)]
  }),
})
