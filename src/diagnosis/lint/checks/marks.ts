import type { LintCheck } from '../check.js'
import { makerOf } from '../../provenance.js'
import { aboutRule, chainsOf } from '../walk.js'
import type { Finding } from '../../../talk/conversation.js'

/** Bits of the packet mark that well-known software uses. */
const KNOWN: readonly (readonly [bits: number, by: string, chain: RegExp])[] = [
  [0x4000, 'kube-proxy (masquerade)', /^KUBE-/],
  [0x8000, 'kube-proxy (drop)', /^KUBE-/],
]

/** A rule of somebody else writes over bits that kube-proxy needs later. */
export const markCollision: LintCheck = {
  id: 'mark-collision',
  title: 'Two programs use the same bits of the packet mark',
  page: `A packet has one mark of 32 bits, and everybody shares it. kube-proxy sets 0x4000 in nat PREROUTING or OUTPUT and
masquerades in POSTROUTING what still has it; 0x8000 asks for a drop. A rule that sets the whole mark (--set-mark
without a mask) in between takes these bits away, or sets them by accident. Give other marks a mask that leaves
0x4000 and 0x8000 alone (--set-xmark 0x1/0xff), or move kube-proxy's (--iptables-masquerade-bit).`,
  look(snapshot) {
    const found: Finding[] = []
    const kube = new Set<object>()
    for (const spot of chainsOf(snapshot)) if (spot.chain.name === 'KUBE-MARK-MASQ') kube.add(spot.netns)
    for (const spot of chainsOf(snapshot))
      for (const rule of spot.chain.rules) {
        if (!kube.has(spot.netns) || /^KUBE-/.test(spot.chain.name)) continue
        const parts =
          / -j (?:MARK --set-x?mark|CONNMARK --restore-mark(?:.*--nfmask)?) ?(0x[0-9a-f]+)?(?:\/(0x[0-9a-f]+))?/.exec(
            rule.text,
          )
        if (!parts) continue
        const value = Number(parts[1] ?? 0)
        const mask = parts[2] === undefined ? 0xffffffff : Number(parts[2])
        const hit = KNOWN.find(([bits]) => ((mask | value) & bits) !== 0)
        if (!hit || (spot.chain.name === 'OUTPUT' && spot.table.name === 'raw')) continue
        found.push(
          aboutRule(
            markCollision.id,
            'warning',
            spot,
            rule,
            `${makerOf({ chain: spot.chain.name, text: rule.text })?.by ?? 'a rule'} writes over the mark bit 0x${hit[0].toString(16)} that ${hit[1]} uses on ${spot.netns.name}`,
          ),
        )
      }
    return found
  },
}
