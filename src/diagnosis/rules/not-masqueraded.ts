import type { DiagnosisRule } from '../finding.js'
import { whyNoMasquerade } from '../masquerade.js'
import { routesTo } from './no-route.js'

/** A pod's own address left the cluster, and outside nobody knows a way to pods. */
export const notMasqueraded: DiagnosisRule = {
  id: 'no-masquerade',
  asks: "did a pod's address leave the cluster, so that the answer finds no way back?",
  look(inquiry) {
    const { stop, client, masquerade, snapshot } = inquiry
    if (stop?.leg !== 'reply' || stop.by || masquerade || client.isHost) return undefined
    const server = inquiry.netns(inquiry.talk.seenByServer?.netns ?? stop.event.netns)
    const node = snapshot.nodes.find(n => n.name === server.node)
    const member =
      (node?.namespaces.length ?? 0) > 1 || node?.namespaces.some(n => n.rulesets.length > 0 || n.ipvs)
    if (server.node === client.node || member) return undefined
    const host = snapshot.nodes.find(n => n.name === client.node)?.namespaces.find(n => n.isHost)
    if (!host) return undefined
    const address = inquiry.talk.seenByServer?.address ?? ''
    const reason = whyNoMasquerade(inquiry, host.name)
    return {
      id: reason.id,
      severity: 'error',
      says: `the request leaves ${host.name} with the pod's own address ${address}, to which ${server.name} knows no way back (${stop.event.because}); ${reason.why}`,
      where: reason.where ?? {
        node: host.node,
        netns: host.name,
        kind: 'rule',
        detail: 'no rule of nat POSTROUTING masquerades it',
        ...natPlace(host),
      },
      evidence: [...reason.evidence, stop.event.seq],
      see: reason.see,
      cures: [...reason.cures, ...routesTo(inquiry, server, address)],
    }
  },
}

/** Where POSTROUTING stands in the dump. */
function natPlace(host: {
  readonly rulesets: readonly {
    file: string
    tables: readonly { name: string; chains: readonly { name: string; line: number }[] }[]
  }[]
}) {
  for (const { file, tables } of host.rulesets) {
    const chain = tables.find(t => t.name === 'nat')?.chains.find(c => c.name === 'POSTROUTING')
    if (chain) return { file, ...(chain.line > 0 ? { line: chain.line } : {}) }
  }
  return {}
}
