import type { Netns, Wire } from '../model/snapshot.js'
import { didYouMean } from '../parse/problems.js'
import { segments } from './segments.js'
import type { WireEnd } from './settings.js'
import { endKey, vethPairs } from './veth-pairs.js'

export interface Wiring {
  readonly wires: readonly Wire[]
  /** Sentences about what was supposed. */
  readonly assumptions: readonly string[]
}

/** Joins the devices of all namespaces: as snapshot.yaml says, then veth pairs, then shared networks. */
export function wireUp(namespaces: readonly Netns[], given: readonly (readonly WireEnd[])[]): Wiring {
  const taken = new Set<string>()
  const explicit = given.flatMap(ends => givenWire(ends, namespaces, taken) ?? [])
  const { wires: pairs, doubts } = vethPairs(namespaces, taken)
  const shared = segments(namespaces, taken)
  const assumptions = [...doubts]
  for (const { ends, why } of shared)
    assumptions.push(`${listed(ends.map(e => `${e.netns}:${e.iface}`))} hang on one switch (${why})`)
  const loose = namespaces
    .filter(n => !n.isHost && n.ifaces.some(i => i.kind === 'veth'))
    .flatMap(netns =>
      netns.ifaces
        .filter(iface => iface.kind === 'veth' && iface.up && !taken.has(endKey({ netns, iface })))
        .map(iface => `${netns.name}:${iface.name}`),
    )
  if (loose.length > 0)
    assumptions.push(`no other end was found for ${listed(loose)}: what is sent there is lost`)
  const nodes = namespaces.filter(n => n.isHost).map(n => n.name)
  const joined = joinedNodes([...explicit, ...shared, ...pairs], new Set(nodes))
  const apart = nodes.filter(name => !joined.has(name))
  if (nodes.length > 1 && apart.length > 0)
    assumptions.push(
      `nothing joins ${listed(apart)} with the other nodes: say so under \`wires\` in snapshot.yaml`,
    )
  return { wires: [...explicit, ...pairs, ...shared], assumptions }
}

/** The nodes that share a wire with another node. */
function joinedNodes(wires: readonly Wire[], nodes: ReadonlySet<string>): Set<string> {
  const joined = new Set<string>()
  for (const { ends } of wires) {
    const there = new Set(ends.map(e => e.netns).filter(name => nodes.has(name)))
    if (there.size > 1) for (const name of there) joined.add(name)
  }
  return joined
}

function givenWire(
  ends: readonly WireEnd[],
  namespaces: readonly Netns[],
  taken: Set<string>,
): Wire | undefined {
  const found = ends.flatMap(end => {
    const netns = findNetns(namespaces, end.netns)
    if (!netns) {
      end.wrong(
        `wires: no node or pod is called ${end.netns}${didYouMean(
          end.netns,
          namespaces.map(n => n.name),
        )}`,
      )
      return []
    }
    const iface = netns.ifaces.find(i => i.name === end.iface)
    if (!iface) {
      end.wrong(
        `wires: ${netns.name} has no interface ${end.iface}${didYouMean(
          end.iface,
          netns.ifaces.map(i => i.name),
        )}`,
      )
      return []
    }
    if (taken.has(endKey({ netns, iface }))) {
      end.wrong(`wires: ${netns.name}:${iface.name} is on another wire already`)
      return []
    }
    taken.add(endKey({ netns, iface }))
    return { netns: netns.name, iface: iface.name }
  })
  return found.length >= 2 ? { ends: found, why: 'given in snapshot.yaml' } : undefined
}

/** A namespace by its name, or as NODE/POD, which is always understood. */
export const findNetns = (namespaces: readonly Netns[], name: string): Netns | undefined =>
  namespaces.find(n => n.name === name) ?? namespaces.find(n => !n.isHost && `${n.node}/${n.folder}` === name)

/** The first few of a list, and how many more there are. */
export const listed = (names: readonly string[], most = 5): string =>
  names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`
