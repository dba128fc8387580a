/** A file of a snapshot: where it stands, and what it says. */
export interface DumpFile {
  readonly path: string
  readonly text: string
}
/** The files of one namespace, by their plain names. */
export type DumpFiles = ReadonlyMap<string, DumpFile>

export interface NodeFiles {
  readonly name: string
  readonly host: DumpFiles
  readonly pods: ReadonlyMap<string, DumpFiles>
}

/** Names that a dump may have, without `.txt` or `.json`. */
const STEMS = [
  'iptables-save',
  'iptables-legacy-save',
  'ip6tables-save',
  'ip6tables-legacy-save',
  'ipset-save',
  'ipvsadm',
  'ipvsadm-save',
  'ipvsadm-connections',
  'ip-addr',
  'ip-link',
  'ip-route',
  'ip6-route',
  'ip-rule',
  'ip6-rule',
  'ip-neigh',
  'bridge-link',
  'bridge-fdb',
  'sysctl',
  'lsmod',
  'conntrack',
  'ss',
  'nft-ruleset',
]
const KNOWN = new RegExp(`^(${STEMS.join('|')})\\.(txt|json)$`)

export const isDumpName = (name: string): boolean => KNOWN.test(name)
export const SETTINGS = 'snapshot.yaml'

/** Is this path, inside the folder of a snapshot, one that the loader would read? */
export const isSnapshotPath = (path: string): boolean => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name === SETTINGS || isDumpName(name)
}

export interface Grouped {
  readonly nodes: readonly NodeFiles[]
  readonly settings?: DumpFile
  /** Files of the top level that were left out, because there are folders of nodes beside them. */
  readonly stray: readonly string[]
}

/**
 * Sorts the files into nodes and namespaces. Files of one node may lie at the top level; a folder that wraps all of
 * it (as archives have one) is looked through.
 */
export function groupFiles(files: ReadonlyMap<string, string>): Grouped {
  const paths = [...files].map(([path, text]) => ({ path, text, parts: partsOf(path) }))
  const grouped = group(paths)
  const roots = new Set(paths.map(p => p.parts[0]))
  if (grouped.nodes.length > 0 || roots.size !== 1) return grouped
  return group(paths.map(p => ({ ...p, parts: p.parts.slice(1) })))
}

const partsOf = (path: string): string[] => path.split(/[/\\]/).filter(part => part !== '' && part !== '.')

function group(paths: readonly { path: string; text: string; parts: readonly string[] }[]): Grouped {
  const nodes = new Map<string, { host: Map<string, DumpFile>; pods: Map<string, Map<string, DumpFile>> }>()
  let settings: DumpFile | undefined
  for (const { path, text, parts } of paths) {
    const name = parts.at(-1)
    const folders = parts.slice(0, -1)
    if (name === SETTINGS && folders.length === 0) settings = { path, text }
    if (name === undefined || !isDumpName(name)) continue
    const inPod = folders.at(-2) === 'netns'
    const above = inPod ? folders.slice(0, -2) : folders
    if (above.length > 1 || (!inPod && above[0] === 'netns')) continue
    const key = above[0] ?? ''
    const node = nodes.get(key) ?? { host: new Map(), pods: new Map() }
    nodes.set(key, node)
    const pod = inPod ? folders.at(-1)! : undefined
    if (pod === undefined) node.host.set(name, { path, text })
    else node.pods.set(pod, (node.pods.get(pod) ?? new Map<string, DumpFile>()).set(name, { path, text }))
  }
  const top = nodes.get('')
  const alone = nodes.size === 1
  const stray =
    top && !alone ? [...top.host.values(), ...[...top.pods.values()].flatMap(p => [...p.values()])] : []
  const listed = [...nodes]
    .filter(([key]) => key !== '' || alone)
    .map(([key, { host, pods }]) => ({
      name: key === '' ? 'node' : key,
      host,
      pods: new Map([...pods].sort(byName)),
    }))
    .sort((a, b) => compare(a.name, b.name))
  return { nodes: listed, stray: stray.map(f => f.path), ...(settings ? { settings } : {}) }
}

const byName = (a: readonly [string, unknown], b: readonly [string, unknown]): number => compare(a[0], b[0])
/** By code, so that the order does not hang on a locale. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
