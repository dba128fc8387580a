import { FRESH_PORT, type Iface } from '../model/iface.js'
import type { Problem } from '../model/place.js'
import type { Neighbour, PolicyRule, Route } from '../model/route.js'
import type { Netns } from '../model/snapshot.js'
import { parseBridgeFdb } from '../parse/bridge-fdb.js'
import { type PortRead, parseBridgeLink } from '../parse/bridge-link.js'
import { parseConntrack } from '../parse/conntrack.js'
import { parseIpAddr } from '../parse/ip-addr.js'
import { parseIpNeigh } from '../parse/ip-neigh.js'
import { parseIpRoute } from '../parse/ip-route.js'
import { parseIpRule } from '../parse/ip-rule.js'
import { parseIpsetSave } from '../parse/ipset.js'
import { parseIpvsadm } from '../parse/ipvsadm.js'
import { parseIpvsConnections } from '../parse/ipvsadm-connections.js'
import { finishLinks, mergeLinks } from '../parse/link-draft.js'
import { parseLsmod } from '../parse/lsmod.js'
import { collect } from '../parse/problems.js'
import { parseSs } from '../parse/ss.js'
import { parseSysctl } from '../parse/sysctl.js'
import type { Family } from '../values/ip.js'
import { record } from '../values/record.js'
import type { DumpFile, DumpFiles } from './files.js'
import { readRulesets } from './read-rulesets.js'
import { keepTexts } from './sources.js'

/** A namespace as its files tell it, before anything is supposed. */
export type NetnsDraft = { -readonly [K in keyof Netns]: Netns[K] }

/** What the files of a namespace did not tell. */
export interface Lacks {
  readonly addresses: boolean
  readonly routes: boolean
  readonly rules: boolean
  readonly sysctl: boolean
  readonly listeners: boolean
  readonly iptables: boolean
  /** Ports of a bridge whose flags were not dumped. */
  readonly portFlags: readonly string[]
}

export interface NetnsRead {
  readonly netns: NetnsDraft
  readonly lacks: Lacks
  readonly problems: readonly Problem[]
  /** Files that were passed over, and why. */
  readonly notes: readonly string[]
}

export interface NetnsNames {
  readonly name: string
  readonly folder: string
  readonly node: string
  readonly isHost: boolean
}

/** Reads all files of one namespace. */
export function readNetns(names: NetnsNames, files: DumpFiles): NetnsRead {
  const problems: Problem[] = []
  const notes: string[] = []
  /** The JSON twin if it can be read, else the text. */
  const read = <T extends { readonly problems: readonly Problem[] }>(
    stem: string,
    parse: (text: string, file: string) => T,
  ): T | undefined => {
    const candidates = [`${stem}.json`, `${stem}.txt`].flatMap(name => files.get(name) ?? [])
    let best: T | undefined
    for (const [i, file] of candidates.entries()) {
      if (i < candidates.length - 1 && file.text.trim() === '') continue
      best = parse(file.text, file.path)
      if (i === candidates.length - 1 || best.problems.length === 0) break
      collect(problems, best.problems, 'warning')
    }
    collect(problems, best?.problems ?? [])
    return best
  }
  const ports = read('bridge-link', parseBridgeLink)?.ports ?? []
  const { ifaces, portFlags, known } = readIfaces(files, ports, problems)
  const routes = readRoutes(read)
  const rules = readRules(read)
  const sysctl = read('sysctl', parseSysctl)
  const sockets = read('ss', parseSs)
  const modules = read('lsmod', parseLsmod)?.modules
  const rulesets = readRulesets(files)
  for (const problem of rulesets.problems) problems.push(problem)
  notes.push(...rulesets.notes)
  const ipvs = readIpvs(files, problems)
  const netns: NetnsDraft = {
    ...names,
    ifaces,
    routes: routes ?? [],
    rules: rules ?? [],
    neighbours: readNeighbours(read),
    fdb: read('bridge-fdb', parseBridgeFdb)?.fdb ?? [],
    sysctl: sysctl?.sysctl ?? record(),
    rulesets: rulesets.rulesets,
    sets: read('ipset-save', parseIpsetSave)?.sets ?? [],
    listeners: sockets?.listeners ?? [],
    conntrack: read('conntrack', parseConntrack)?.entries ?? [],
    files: record([...files].map(([name, file]) => [name, file.path] as const)),
  }
  keepTexts(netns.files, files)
  if (!sockets) netns.listenersKnown = false
  if (ipvs) netns.ipvs = ipvs
  const connections = read('ipvsadm-connections', parseIpvsConnections)?.connections
  if (connections && connections.length > 0) netns.ipvsConnections = connections
  // the tool prints a header at least: an empty file is one that failed
  if (modules && modules.length > 0) netns.modules = modules
  return {
    netns,
    problems,
    notes,
    lacks: {
      addresses: !known,
      routes: routes === undefined,
      rules: rules === undefined,
      sysctl: sysctl === undefined || Object.keys(sysctl.sysctl).length === 0,
      listeners: sockets === undefined,
      iptables: rulesets.rulesets.length === 0,
      portFlags,
    },
  }
}

type Read = <T extends { readonly problems: readonly Problem[] }>(
  stem: string,
  parse: (text: string, file: string) => T,
) => T | undefined

const inFamily =
  <T>(parse: (text: string, file: string, family: Family) => T, family: Family) =>
  (text: string, file: string): T =>
    parse(text, file, family)

/** `ip route show table all` holds both families; ip6-route only counts where it does not. */
function readRoutes(read: Read): readonly Route[] | undefined {
  const v4 = read('ip-route', inFamily(parseIpRoute, 'ipv4'))?.routes
  if (v4?.some(r => r.family === 'ipv6')) return v4
  const v6 = read('ip6-route', inFamily(parseIpRoute, 'ipv6'))?.routes
  return v4 || v6 ? [...(v4 ?? []), ...(v6 ?? [])] : undefined
}

function readRules(read: Read): readonly PolicyRule[] | undefined {
  const v4 = read('ip-rule', inFamily(parseIpRule, 'ipv4'))?.rules
  const v6 = read('ip6-rule', inFamily(parseIpRule, 'ipv6'))?.rules
  return v4 || v6 ? [...(v4 ?? []), ...(v6 ?? [])] : undefined
}

const readNeighbours = (read: Read): readonly Neighbour[] => read('ip-neigh', parseIpNeigh)?.neighbours ?? []

/** `ipvsadm -Ln`, or `-Sn` in either file. An empty answer means that no service is there. */
function readIpvs(files: DumpFiles, problems: Problem[]): Netns['ipvs'] {
  const file = files.get('ipvsadm.txt') ?? files.get('ipvsadm-save.txt')
  if (!file) return undefined
  const { ipvs, problems: found } = parseIpvsadm(file.text, { file: file.path })
  collect(problems, found)
  return ipvs
}

/** All that tells of devices, laid over each other: JSON before text, addresses before links, the flags of `bridge link` last. */
function readIfaces(
  files: DumpFiles,
  ports: readonly PortRead[],
  problems: Problem[],
): { ifaces: Iface[]; portFlags: string[]; known: boolean } {
  const dumps = ['ip-addr.json', 'ip-addr.txt', 'ip-link.json', 'ip-link.txt'].flatMap(
    name => files.get(name) ?? ([] as DumpFile[]),
  )
  const order = [...dumps].sort((a, b) => rank(a.path) - rank(b.path))
  const reads = order.map(file => parseIpAddr(file.text, file.path))
  for (const [i, { problems: found }] of reads.entries()) {
    // a twin that only adds details does no harm if it is broken
    const spare = reads.slice(0, i).some(r => r.links.length > 0)
    collect(problems, found, spare ? 'warning' : undefined)
  }
  const ifaces = finishLinks(mergeLinks(reads.map(r => r.links)))
  const bridges = new Set(ifaces.filter(i => i.kind === 'bridge').map(i => i.name))
  const byName = new Map(ports.map(p => [p.name, p]))
  const portFlags: string[] = []
  const finished = ifaces.map(iface => {
    const told = byName.get(iface.name)
    const master = iface.master ?? told?.master
    if (master === undefined || !(bridges.has(master) || told || iface.bridgePort)) return iface
    const port = told?.detailed ? told.port : (iface.bridgePort ?? told?.port)
    if (!iface.bridgePort && !told?.detailed) portFlags.push(iface.name)
    return { ...iface, master, bridgePort: port ?? FRESH_PORT }
  })
  return { ifaces: finished, portFlags, known: ifaces.length > 0 }
}

const rank = (path: string): number => (path.endsWith('.json') ? 0 : 1)
