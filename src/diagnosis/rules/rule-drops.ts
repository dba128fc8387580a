import type { DiagnosisRule } from '../finding.js'
import type { EventOf, Inquiry } from '../inquiry.js'
import { describeMaker } from '../provenance.js'
import { endsAt, letPass, takeAway } from '../remedies.js'
import { seeChain, whereDecided } from '../where.js'

/** A rule of a firewall said no. */
export const ruleDrops: DiagnosisRule = {
  id: 'rule-drops',
  asks: 'did a rule drop or reject the packet?',
  look(inquiry) {
    const { stop, flow } = inquiry
    if (stop?.by?.kind !== 'rule') return undefined
    const { by, leg } = stop
    const netns = inquiry.netns(stop.event.netns)
    const verb = / -j REJECT\b/.test(by.text) ? 'rejects' : 'drops'
    const nodePort = by.hook === 'INPUT' && flow.dport >= 30000 && flow.dport <= 32767 && leg === 'request'
    const maker = describeMaker(by)
    const marked = stop.packet.events.findLast(
      (e): e is EventOf<'mark'> =>
        e.kind === 'mark' && e.netns === netns.name && e.seq < by.seq && / --mark /.test(by.text),
    )
    const what = leg === 'reply' ? 'the answer' : 'the packet'
    return {
      id: nodePort ? 'input-blocks-nodeport' : leg === 'reply' ? 'reply-dropped' : this.id,
      severity: 'error',
      says: `rule ${by.number} of ${by.table} ${by.chain} on ${netns.name} ${verb} ${what}${maker === '' ? '' : ` (${maker})`}${marked ? `, because of the mark 0x${marked.to.toString(16)} that an earlier rule gave it` : ''}${nodePort ? '; with IPVS a NodePort passes INPUT' : ''}${hiddenBy(inquiry, by.seq)}`,
      where: whereDecided(netns, by),
      evidence: [...(marked ? [marked.seq] : []), by.seq, stop.event.seq],
      see: seeChain(netns, by),
      cures: narrow(by.text, endsAt(inquiry, stop))
        ? [takeAway(netns.name, by), ...letPass(inquiry, stop)]
        : [...letPass(inquiry, stop), takeAway(netns.name, by)],
    }
  },
}

/** Is the rule about nothing more than this conversation? Then taking it away opens no more than it needs. */
const narrow = (text: string, ends: { src?: string; dst?: string }): boolean =>
  text.includes(` -d ${ends.dst}/32 `) ||
  text.includes(` -d ${ends.dst}/128 `) ||
  text.includes(` -s ${ends.src}/32 `)

/** A rule that means pods, or one client, meets the address of a node where the source was masqueraded on the way. */
export function hiddenBy(inquiry: Inquiry, seq: number): string {
  const { masquerade: nat, stop } = inquiry
  if (!nat || nat.seq > seq || stop?.leg !== 'request') return ''
  return `; its source is ${nat.to} and no longer ${nat.from}, because ${nat.netns} masquerades it`
}
