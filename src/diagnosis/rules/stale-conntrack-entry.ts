import { firstOf } from '../events.js'
import { cure, type DiagnosisRule } from '../finding.js'
import { inside, whereConntrack } from '../where.js'

/** The first packet met an entry that the snapshot held already: an old translation decides. */
export const staleConntrackEntry: DiagnosisRule = {
  id: 'stale-conntrack-entry',
  asks: 'did an old conntrack entry decide where a new conversation goes?',
  look(inquiry) {
    const [request] = inquiry.requests
    const { stop, flow } = inquiry
    if (!request || !stop) return undefined
    const met = firstOf(request.events, 'conntrack', e => e.action === 'original')
    const clash =
      stop.event.kind === 'dropped' &&
      stop.event.reason === 'X_CONNTRACK' &&
      /another connection/.test(stop.event.because)
    if (!met && !clash) return undefined
    const netns = inquiry.netns(met?.netns ?? stop.event.netns)
    const entry = netns.conntrack.find(
      line =>
        line.original.dst === flow.dst &&
        (line.original.sport === undefined || line.original.sport === flow.sport) &&
        (line.original.dport === undefined || line.original.dport === flow.dport),
    )
    if (!entry) return undefined
    const gone = inquiry.ownerOf(entry.reply.src) === undefined
    const { proto } = flow
    const ports =
      entry.original.sport === undefined
        ? ''
        : ` --sport ${entry.original.sport} --dport ${entry.original.dport}`
    return {
      id: this.id,
      severity: 'error',
      says: `${netns.name} still remembers an old connection that sends this to ${entry.reply.src}${gone ? ', which nobody has any more' : ''}; the rules are not asked again while it lives`,
      where: whereConntrack(netns, entry.text),
      evidence: [...(met ? [met.seq] : []), stop.event.seq],
      see: inside(netns, `conntrack -L -p ${proto} -d ${flow.dst}`),
      cures: [
        cure('forget the old connection', [
          netns.name,
          `conntrack -D -p ${proto} -s ${entry.original.src} -d ${entry.original.dst}${ports}`,
        ]),
      ],
    }
  },
}
