import { freeze } from 'immer'
import type { Problem } from '../model/place.js'
import type { Endpoint, Netns, Node, Snapshot } from '../model/snapshot.js'
import { didYouMean, inputError, problemAt } from '../parse/problems.js'
import { record } from '../values/record.js'
import { type NodeFiles, groupFiles } from './files.js'
import { kernelBySysctls } from './kernel-version.js'
import { type Lacks, type NetnsDraft, readNetns } from './read-netns.js'
import { type EndpointText, type Settings, readSettings } from './settings.js'
import { Assumptions, suppose, supposeGateway } from './suppose.js'
import { findNetns, wireUp } from './wires.js'

export interface LoadOptions {
  /** Used where snapshot.yaml gives no title. */
  readonly title?: string
}

/** The kernel that most of the simulator's facts were observed on; supposed where snapshot.yaml names none. */
export const DEFAULT_KERNEL = '6.18'

/**
 * Makes a snapshot of its files, named by their paths inside the folder. What cannot be read is in `problems`, what
 * had to be supposed in `assumptions`. The result is frozen.
 * @throws InputError if no file of a snapshot is among them
 */
export function loadSnapshot(files: ReadonlyMap<string, string>, options: LoadOptions = {}): Snapshot {
  const grouped = groupFiles(files)
  if (grouped.nodes.length === 0)
    throw inputError(
      options.title ?? 'snapshot',
      'no snapshot: no folder with iptables-save.txt, ip-addr.txt or another of the known dumps',
    )
  const settings = readSettings(grouped.settings?.text ?? '', grouped.settings?.path ?? 'snapshot.yaml')
  const notes = new Assumptions()
  const problems: Problem[] = grouped.stray.map(path =>
    problemAt(
      { file: path, line: 0, column: 0 },
      'left out: it belongs to no node, beside folders that do',
      '',
      'warning',
    ),
  )
  const drafts: { netns: NetnsDraft; lacks: Lacks }[] = []
  for (const names of namespacesOf(grouped.nodes)) {
    const read = readNetns(names, names.files)
    for (const problem of read.problems) problems.push(problem)
    notes.add(read.notes)
    suppose(read.netns, read.lacks, notes)
    drafts.push(read)
  }
  const hosts = new Map(drafts.filter(d => d.netns.isHost).map(d => [d.netns.node, d.netns]))
  for (const { netns, lacks } of drafts) if (lacks.routes) supposeGateway(netns, hosts.get(netns.node), notes)
  return assemble(
    drafts.map(d => d.netns),
    settings,
    notes,
    problems,
    options,
  )
}

/** Puts namespaces together: wires, endpoints, and what snapshot.yaml says besides. */
export function assemble(
  namespaces: readonly Netns[],
  settings: Settings,
  notes: Assumptions,
  problems: readonly Problem[],
  options: LoadOptions = {},
): Snapshot {
  const { wires, assumptions } = wireUp(namespaces, settings.wires)
  notes.add(assumptions)
  const endpoints = endpointsOf(settings.endpoints, namespaces)
  const supposed = kernelBySysctls(
    namespaces.filter(n => n.isHost),
    DEFAULT_KERNEL,
  )
  if (settings.kernel === undefined)
    notes.add(
      `kernel ${supposed.kernel} is supposed${supposed.because === undefined ? '' : `: ${supposed.because}`}`,
    )
  const snapshot: Snapshot = {
    title: settings.title ?? options.title ?? 'snapshot',
    nodes: nodesOf(namespaces),
    wires,
    endpoints,
    clusterCidrs: settings.clusterCidrs,
    serviceCidrs: settings.serviceCidrs,
    kernel: settings.kernel ?? supposed.kernel,
    expectations: settings.expectations,
    fixes: settings.fixes,
    isDefault: settings.isDefault,
    retries: settings.retries ?? 0,
    assumptions: notes.list(),
    problems: [...settings.problems, ...problems],
  }
  return freezeSnapshot(snapshot)
}

/** Above this many rules the rules of a chain are frozen as a list only: walking each of them costs seconds. */
const MANY_RULES = 20_000

function freezeSnapshot(snapshot: Snapshot): Snapshot {
  for (const node of snapshot.nodes)
    for (const netns of node.namespaces)
      for (const ruleset of netns.rulesets)
        for (const table of ruleset.tables) {
          const rules = table.chains.reduce((sum, chain) => sum + chain.rules.length, 0)
          // freeze() takes a frozen object for frozen all the way down
          if (rules > MANY_RULES) for (const chain of table.chains) Object.freeze(chain.rules)
        }
  return freeze(snapshot, true)
}

function nodesOf(namespaces: readonly Netns[]): Node[] {
  const nodes = new Map<string, Netns[]>()
  for (const netns of namespaces) {
    const list = nodes.get(netns.node)
    if (list) list.push(netns)
    else nodes.set(netns.node, [netns])
  }
  return [...nodes].map(([name, list]) => ({ name, namespaces: list }))
}

/** All namespaces with their unique names: a node's own has the node's, a pod's its folder's, or NODE/POD where that is taken. */
function namespacesOf(nodes: readonly NodeFiles[]) {
  const uses = new Map<string, number>()
  const count = (name: string) => uses.set(name, (uses.get(name) ?? 0) + 1)
  for (const node of nodes) for (const name of [node.name, ...node.pods.keys()]) count(name)
  return nodes.flatMap(node => [
    { name: node.name, folder: node.name, node: node.name, isHost: true, files: node.host },
    ...[...node.pods].map(([folder, files]) => ({
      name: uses.get(folder) === 1 ? folder : `${node.name}/${folder}`,
      folder,
      node: node.name,
      isHost: false,
      files,
    })),
  ])
}

function endpointsOf(
  texts: ReadonlyMap<string, EndpointText>,
  namespaces: readonly Netns[],
): Record<string, Endpoint> {
  const endpoints = record<Endpoint>()
  for (const [name, text] of texts) {
    const asked =
      text.netns === undefined
        ? text.node
        : text.node === undefined
          ? text.netns
          : `${text.node}/${text.netns}`
    const ofNode = text.node !== undefined && text.netns === text.node ? text.node : asked
    const netns = ofNode === undefined ? undefined : findNetns(namespaces, ofNode)
    if (ofNode !== undefined && !netns) {
      const known = namespaces.flatMap(n => [n.name, `${n.node}/${n.folder}`])
      text.wrong(`no node or pod is called ${ofNode}${didYouMean(ofNode, new Set(known))}`)
      continue
    }
    endpoints[name] = {
      ...(netns ? { netns: netns.name } : {}),
      ...(text.address ? { address: text.address } : {}),
      ...(text.port === undefined ? {} : { port: text.port }),
    }
  }
  return endpoints
}
