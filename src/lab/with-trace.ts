import type { IpvsTable } from '../model/ipvs.js'
import type { Rule, Ruleset, Table } from '../model/ruleset.js'
import type { Netns, Snapshot } from '../model/snapshot.js'
import { whyNotMade } from './known-connections.js'
import { PING_GROUPS } from '../talk/ping-socket.js'
import { parseIptablesSave } from '../parse/iptables-save.js'

const SAVED =
  '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -j TRACE\n-A OUTPUT -j TRACE\nCOMMIT\n'

/**
 * The snapshot with `-j TRACE` first in raw PREROUTING and OUTPUT of each ruleset, so that both sides walk the same
 * rules. TRACE decides nothing. Connections of the dump that no kernel can be given are left out on both sides, all of
 * IPVS's among them, and a ping is one of a ping socket, which is what the kernel is asked with.
 * @param legacy can the kernel at hand trace rules of the legacy back end?
 */
export function withTrace(snapshot: Snapshot, legacy = false): Snapshot {
  const traced = (netns: Netns): Netns => ({
    ...netns,
    rulesets: netns.rulesets.map(r => (r.backend === 'nft' || legacy ? tracedRuleset(r) : r)),
    conntrack: netns.conntrack.filter(line => whyNotMade(netns, line) === undefined),
    sysctl: { ...netns.sysctl, [PING_GROUPS]: '0 2147483647' },
    ...(netns.ipvs && { ipvs: unused(netns.ipvs), ipvsConnections: [] }),
  })
  return {
    ...snapshot,
    nodes: snapshot.nodes.map(node => ({ ...node, namespaces: node.namespaces.map(traced) })),
  }
}

/** IPVS before anybody has asked for a Service: none of its connections can be made by hand. */
const unused = (table: IpvsTable): IpvsTable => ({
  ...table,
  services: table.services.map(service => ({
    ...service,
    realServers: service.realServers.map(r => ({ ...r, activeConnections: 0, inactiveConnections: 0 })),
  })),
})

function tracedRuleset(ruleset: Ruleset): Ruleset {
  const { family, backend, file } = ruleset
  const fresh = parseIptablesSave(SAVED, { family, backend, file }).ruleset.tables[0]!
  const raw = ruleset.tables.find(table => table.name === 'raw')
  if (!raw) return { ...ruleset, tables: [fresh, ...ruleset.tables] }
  const table: Table = {
    ...raw,
    chains: [
      ...raw.chains.map(chain => {
        const trace = fresh.chains.find(c => c.name === chain.name)?.rules[0]
        return trace && !isTrace(chain.rules[0]) ? { ...chain, rules: [trace, ...chain.rules] } : chain
      }),
      ...fresh.chains.filter(chain => !raw.chains.some(c => c.name === chain.name)),
    ],
  }
  return { ...ruleset, tables: ruleset.tables.map(t => (t === raw ? table : t)) }
}

const isTrace = (rule: Rule | undefined): boolean =>
  rule !== undefined &&
  rule.matches.length === 0 &&
  Object.keys(rule.header).length === 0 &&
  rule.jump.kind === 'target' &&
  rule.jump.target.name === 'TRACE'
