import type { Snapshot } from '../../model/snapshot.js'
import { namespacesOf, primaryAddress } from '../../snapshot/names.js'
import type { Flow } from '../../talk/conversation.js'

/** So many conversations tell of a cure's blast radius; a cluster has millions. */
const MOST = 60

/**
 * Conversations that the snapshot's own names suggest: its endpoints, every pod with its first listener, and the
 * Services that rules and IPVS know, asked by a few clients of each node.
 */
export function likelyFlows(snapshot: Snapshot): Flow[] {
  const all = namespacesOf(snapshot)
  const clients = [...all.filter(n => !n.isHost).slice(0, 6), ...all.filter(n => n.isHost).slice(0, 3)].map(
    n => n.name,
  )
  const targets = new Map<string, Flow>()
  const add = (dst: string, dport: number, proto: 'tcp' | 'udp') => {
    if (targets.size < 24 && dport > 0)
      targets.set(`${proto} ${dst} ${dport}`, { src: '', dst, dport, proto })
  }
  for (const [name, end] of Object.entries(snapshot.endpoints))
    if (end.port !== undefined) add(name, end.port, 'tcp')
  for (const netns of all) {
    for (const s of netns.ipvs?.services ?? [])
      if (s.id.kind === 'address' && s.id.proto !== 'SCTP')
        add(s.id.address, s.id.port, s.id.proto === 'TCP' ? 'tcp' : 'udp')
    for (const { tables } of netns.rulesets)
      for (const chain of tables.find(t => t.name === 'nat')?.chains ?? [])
        for (const { text } of chain.rules) {
          const parts =
            /^-A (?:KUBE-SERVICES|PREROUTING|DOCKER) .*?-d ([0-9a-f.:]+)\/(?:32|128) .*?-p (tcp|udp) .*?--dport (\d+)/.exec(
              text,
            )
          if (parts) add(parts[1]!, Number(parts[3]), parts[2] as 'tcp' | 'udp')
        }
    const address = primaryAddress(netns)
    for (const l of netns.listeners.slice(0, 2))
      if (
        address !== undefined &&
        l.proto !== 'sctp' &&
        l.families.includes(address.includes(':') ? 'ipv6' : 'ipv4')
      )
        add(address, l.port, l.proto)
  }
  const flows: Flow[] = []
  for (const target of targets.values()) for (const src of clients) flows.push({ ...target, src })
  // evenly thinned, so that no client and no target is left out for its place in the list
  const step = Math.max(1, flows.length / MOST)
  return Array.from({ length: Math.min(flows.length, MOST) }, (_, i) => flows[Math.floor(i * step)]!)
}
