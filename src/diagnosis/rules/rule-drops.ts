import { type EventOf, lastOf } from '../events.js'
import type { Netns } from '../../model/snapshot.js'
import { type CureIdea, cure, type DiagnosisRule } from '../finding.js'
import type { Inquiry } from '../inquiry.js'
import { describeMaker } from '../provenance.js'
import { endsAt, letPass, takeAway } from '../remedies.js'
import { seeChain, tables, whereDecided } from '../where.js'

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
    const nodePort =
      netns.ipvs !== undefined &&
      by.hook === 'INPUT' &&
      flow.dport >= 30000 &&
      flow.dport <= 32767 &&
      leg === 'request'
    const maker = describeMaker(by)
    const marked = lastOf(
      stop.packet.events,
      'mark',
      e => e.netns === netns.name && e.seq < by.seq && / --mark /.test(by.text),
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
        : [...acceptsMoved(netns, by), ...letPass(inquiry, stop), takeAway(netns.name, by)],
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

/** Rules of the chain that accept and come too late: moving one is what was meant, if it is about this packet. */
function acceptsMoved(netns: Netns, by: EventOf<'rule'>): CureIdea[] {
  const table = netns.rulesets.find(r => r.file === by.file)?.tables.find(t => t.name === by.table)
  const later = table?.chains.find(c => c.name === by.chain)?.rules.slice(by.number) ?? []
  const tool = `${tables(by)} -t ${by.table}`
  return later
    .filter(rule => / -j ACCEPT$/.test(rule.text) && / (-s|-d|--dports?) /.test(rule.text))
    .slice(0, 3)
    .map(rule => {
      const body = rule.text.replace(/^-A \S+ /, '')
      return cure(
        `move the rule that accepts it («${rule.text}») before rule ${by.number}`,
        [netns.name, `${tool} -D ${by.chain} ${body}`],
        [netns.name, `${tool} -I ${by.chain} ${by.number} ${body}`],
      )
    })
}
