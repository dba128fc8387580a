import type { Command } from 'commander'
import type { Problem } from '../model/place.js'
import type { Snapshot } from '../model/snapshot.js'
import { readSnapshotFiles } from '../node/read-snapshot.js'
import { findScenario, listScenarios } from '../node/scenarios.js'
import { didYouMean, formatProblem, InputError } from '../parse/problems.js'
import { loadSnapshot } from '../snapshot/load.js'
import { loneDumpSnapshot } from '../snapshot/lone-dump.js'
import { withSysctl } from '../snapshot/with-sysctl.js'
import type { Io } from './io.js'
import { collect } from './options.js'
import { readText } from './read-text.js'
import { FileError, UsageError } from './usage-error.js'

/** Options that say which world the question is about. */
export interface SourceOptions {
  readonly scenario?: string
  readonly snapshot?: string
  readonly iptables?: string
  readonly ip6tables?: string
  readonly ipset?: string
  readonly ipvs?: string
  readonly podCidr?: string
  readonly nodeAddress?: string
  readonly bridge?: string
  readonly sysctl?: readonly string[]
  readonly set?: readonly string[]
  readonly lenient?: boolean
  /** Ends of the question: a lone dump's world is made to hold them. */
  readonly src?: string
  readonly dst?: string
}

export function addSourceOptions(command: Command): Command {
  return command
    .option('--scenario <name>', 'a scenario that comes with nfsim, by name or number, or a folder of one')
    .option('--snapshot <dir>', 'a folder (or .tar.gz) of dumps')
    .option('--iptables <file>', 'a lone dump of iptables-save, with flags for the topology that it lacks')
    .option('--ip6tables <file>', 'a lone dump of ip6tables-save')
    .option('--ipset <file>', 'a lone dump of ipset save')
    .option('--ipvs <file>', 'a lone dump of ipvsadm -Ln')
    .option('--pod-cidr <prefix>', 'lone dumps: addresses of the pods on this node')
    .option('--node-address <address>', 'lone dumps: address of the node')
    .option('--bridge <name>', 'lone dumps: the bridge that pods are on')
    .option('--sysctl <name=value>', 'lone dumps: a setting of the node (repeatable)', collect)
    .option('--set <[node:]sysctl=value>', 'what if: change a setting first (repeatable)', collect)
    .option('--lenient', 'go on where a dump has lines that cannot be read')
}

const LONE = ['iptables', 'ip6tables', 'ipset', 'ipvs', 'podCidr', 'nodeAddress', 'bridge', 'sysctl'] as const
const DUMPS = ['iptables', 'ip6tables', 'ipset', 'ipvs'] as const

/** After so many warnings the rest is only counted. */
const SHOWN = 10

/** Is the world to be made up around dumps that stand alone? */
export const isLone = (options: SourceOptions): boolean => DUMPS.some(key => options[key] !== undefined)

/**
 * The world that the options name: a snapshot, lone dumps, a scenario, or the default scenario.
 * @throws UsageError, FileError, InputError
 */
export async function openSource(options: SourceOptions, io: Pick<Io, 'err'>): Promise<Snapshot> {
  const snapshot = await chooseSource(options)
  const errors = snapshot.problems.filter(problem => problem.severity === 'error')
  if (errors.length > 0 && !options.lenient) throw new InputError(errors)
  const { problems } = snapshot
  for (const problem of problems.slice(0, SHOWN))
    io.err(`${formatProblem({ ...problem, severity: 'warning' })}\n`)
  if (problems.length > SHOWN) io.err(`and ${problems.length - SHOWN} more warnings\n`)
  return (options.set ?? []).reduce(changed, withUnread(snapshot, errors))
}

/** What `--lenient` passes over is an assumption of every answer. */
function withUnread(snapshot: Snapshot, errors: readonly Problem[]): Snapshot {
  if (errors.length === 0) return snapshot
  const told = errors
    .slice(0, SHOWN)
    .map(
      ({ file, line, message, source }) =>
        `${file}:${line} could not be read and counts as unknown (${message}): ${source.trim().slice(0, 200)}`,
    )
  if (errors.length > SHOWN) told.push(`${errors.length - SHOWN} more lines could not be read`)
  return { ...snapshot, assumptions: [...told, ...snapshot.assumptions] }
}

function changed(world: Snapshot, change: string): Snapshot {
  try {
    return withSysctl(world, change)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new UsageError(
      'bad-set',
      error.problems.map(problem => `error: --set: ${problem.message}`).join('\n'),
    )
  }
}

async function chooseSource(options: SourceOptions): Promise<Snapshot> {
  const lone = isLone(options)
  const named =
    [options.scenario, options.snapshot].filter(name => name !== undefined).length + (lone ? 1 : 0)
  if (named > 1)
    throw new UsageError('conflict', 'error: --scenario, --snapshot and lone dumps exclude each other')
  const stray = LONE.find(key => options[key] !== undefined)
  if (!lone && stray !== undefined)
    throw new UsageError(
      'conflict',
      `error: --${kebab(stray)} goes with a lone dump: --iptables, --ip6tables or --ipvs`,
    )
  if (lone) return loneDumps(options)
  const path = options.snapshot ?? scenarioPath(options.scenario)
  return loadSnapshot(await readSnapshotFiles(path), { title: path })
}

const kebab = (key: string): string => key.replace(/[A-Z]/g, c => `-${c.toLowerCase()}`)

/** Folder of a scenario by name; of the default one without. @throws UsageError with a suggestion */
export function scenarioPath(name: string | undefined): string {
  if (name === undefined) {
    const preset = listScenarios().find(scenario => scenario.isDefault)
    if (preset) return preset.path
    throw new FileError('no-scenario', 'the package has lost its scenarios; give --snapshot DIR')
  }
  const found = findScenario(name)
  if (found) return found.path
  const names = listScenarios().map(scenario => scenario.name)
  throw new UsageError(
    'unknown-scenario',
    `error: no scenario ${name}${didYouMean(name, names)} (there are ${names.join(', ')})`,
  )
}

function loneDumps(options: SourceOptions): Snapshot {
  const { podCidr, nodeAddress, bridge, sysctl } = options
  const dump = (path: string | undefined) => path !== undefined && { path, text: readText(path) }
  const iptables = dump(options.iptables)
  const ip6tables = dump(options.ip6tables)
  const ipset = dump(options.ipset)
  const ipvs = dump(options.ipvs)
  return loneDumpSnapshot({
    ...(iptables && { iptables }),
    ...(ip6tables && { ip6tables }),
    ...(ipset && { ipset }),
    ...(ipvs && { ipvs }),
    ...(podCidr !== undefined && { podCidr }),
    ...(nodeAddress !== undefined && { nodeAddress }),
    ...(bridge !== undefined && { bridge }),
    ...(sysctl && { sysctls: sysctl }),
    ...(options.src !== undefined && { src: options.src }),
    ...(options.dst !== undefined && { dst: options.dst }),
  })
}
