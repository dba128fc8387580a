import { cure, type DiagnosisRule } from '../finding.js'
import { seeChain, tables, whereDecided } from '../where.js'

/** The client was hidden behind an address that nobody has, so the answer can't find back. */
export const snatAddressUnowned: DiagnosisRule = {
  id: 'snat-address-unowned',
  asks: 'was the source changed to an address that nobody has?',
  look(inquiry) {
    const { stop, masquerade: nat } = inquiry
    if (stop?.leg !== 'reply' || stop.by || !nat?.rule) return undefined
    const answered = stop.packet.direction === 'reply'
    const netns = inquiry.netns(nat.netns)
    const has = [...inquiry.all()].some(n => n.ifaces.some(i => i.addresses.some(a => a.address === nat.to)))
    const back = answered && stop.packet.events.some(e => e.netns === nat.netns && e.kind === 'rewrite')
    if (has || back) return undefined
    const { rule } = nat
    const tool = tables(rule)
    const body = rule.text.replace(/^-A \S+ /, '').replace(/-j \S+.*$/, '-j MASQUERADE')
    return {
      id: this.id,
      severity: 'error',
      says: `rule ${rule.number} of nat ${rule.chain} on ${netns.name} hides the client behind ${nat.to}, which nobody has: the answer is sent there and gets lost (${stop.event.because})`,
      where: whereDecided(netns, rule),
      evidence: [nat.seq, stop.event.seq],
      see: seeChain(netns, rule),
      cures: [
        ...(/ -j SNAT\b/.test(rule.text)
          ? [
              cure('hide it behind an address of the node instead', [
                netns.name,
                `${tool} -t nat -R ${rule.chain} ${rule.number} ${body}`,
              ]),
            ]
          : []),
        cure('delete the rule', [netns.name, `${tool} -t nat ${rule.text.replace(/^-A/, '-D')}`]),
      ],
    }
  },
}
