import type { Backend } from '../model/ruleset.js'
import type { Netns, Snapshot } from '../model/snapshot.js'
import { didYouMean, InputError, inputError, problemAt } from '../parse/problems.js'
import { namesOf, namespacesOf } from '../snapshot/names.js'
import { findNetns } from '../snapshot/wires.js'
import type { Family } from '../values/ip.js'
import type { Command, CommandPlace, Edit, Plan } from './edit.js'
import { addressCommand, fdbCommand, neighbourCommand } from './edits/address.js'
import { ipvsCommand } from './edits/ipvs.js'
import { bridgeLinkCommand, linkCommand } from './edits/link.js'
import { policyCommand, routeCommand } from './edits/route.js'
import { rulesCommand, tableOf } from './edits/rules.js'
import { conntrackCommand, ipsetCommand, listenCommand } from './edits/state.js'
import { modprobeCommand, sysctlCommand } from './edits/sysctl.js'
import { shellQuoted } from './shell-words.js'

/** `iptables`, `ip6tables-nft`, `iptables-legacy-restore`: family, back end, and whether it reads a fragment. */
const TABLES_TOOL = /^(?:.*\/)?ip(6?)tables(?:-(nft|legacy))?(-restore)?$/

export function tablesTool(
  word: string,
): { family: Family; backend?: Backend; restore: boolean } | undefined {
  const parts = TABLES_TOOL.exec(word)
  if (!parts) return undefined
  return {
    family: parts[1] === '6' ? 'ipv6' : 'ipv4',
    ...(parts[2] === undefined ? {} : { backend: parts[2] as Backend }),
    restore: parts[3] !== undefined,
  }
}

/** Reads one command. @throws InputError at the command's place */
export function readCommand(words: readonly string[], place: CommandPlace): Command {
  try {
    return dispatch(words, place)
  } catch (error) {
    throw placed(error, place)
  }
}

function dispatch([tool = '', ...words]: readonly string[], place: CommandPlace): Command {
  const tables = tablesTool(tool)
  if (tables) {
    const { table, rest } = tableOf(words)
    const text = rest.map(word => (word === '!' ? word : quotedForRestore(word))).join(' ')
    return rulesCommand(table, [{ text, place }], tables)
  }
  switch (tool.replace(/^.*\//, '')) {
    case 'sysctl':
      return sysctlCommand(words)
    case 'modprobe':
    case 'rmmod':
      return modprobeCommand(tool.endsWith('rmmod') ? ['-r', ...words] : words)
    case 'ip':
      return ipCommand(words)
    case 'bridge':
      if (words[0] === 'fdb') return fdbCommand(words.slice(1))
      if (words[0] !== 'link') break
      return bridgeLinkCommand(words.slice(1))
    case 'ipvsadm':
      return ipvsCommand(words)
    case 'conntrack':
      return conntrackCommand(words)
    case 'ipset':
      return ipsetCommand(words)
    case 'listen':
      return listenCommand(words, true)
    case 'unlisten':
      return listenCommand(words, false)
  }
  if (/^[\w./-]+=/.test(tool) && tool.includes('.')) return sysctlCommand([tool, ...words])
  throw inputError(
    'command',
    `${[tool, words[0]].join(' ').slice(0, 60)}: not understood${didYouMean(tool, TOOLS)}`,
  )
}

const TOOLS = [
  'iptables',
  'ip6tables',
  'sysctl',
  'modprobe',
  'ip',
  'bridge',
  'ipvsadm',
  'conntrack',
  'ipset',
  'listen',
]

/** Words as iptables-restore takes them: what holds spaces is quoted. */
const quotedForRestore = (word: string): string =>
  /^[^\s"'\\]+$/.test(word) ? word : `"${word.replace(/["\\]/g, c => `\\${c}`)}"`

function ipCommand(all: readonly string[]): Command {
  let family: Family = 'ipv4'
  const words = [...all]
  while (/^-/.test(words[0] ?? '')) {
    const option = words.shift()!
    if (option === '-6' || option === '-inet6') family = 'ipv6'
  }
  const [object = '', verb = 'list', ...rest] = words
  const action = verb === 'a' ? 'add' : verb === 'd' ? 'del' : verb
  const is = (name: string, least: number) => object.length >= least && name.startsWith(object)
  if (is('route', 1)) return routeCommand(checked(action, ROUTE_VERBS), rest, family)
  if (is('rule', 2)) return policyCommand(checked(action, ['add', 'del', 'delete']), rest, family)
  if (is('link', 1)) return linkCommand(action, rest)
  if (is('address', 1)) return addressCommand(action, rest)
  if (is('neighbour', 1) || is('neighbor', 1))
    return neighbourCommand(checked(action, ['add', 'replace', 'change', 'del', 'delete']), rest)
  throw inputError('ip', `ip ${object}: not understood`)
}

const ROUTE_VERBS = ['add', 'append', 'replace', 'change', 'del', 'delete']

function checked(action: string, known: readonly string[]): string {
  if (known.includes(action)) return action
  throw inputError('ip', `${action}: expected one of ${known.join(', ')}${didYouMean(action, known)}`)
}

/** Gives an error the place of the command, unless it has one. */
export function placed(error: unknown, { file, line, source }: CommandPlace): unknown {
  if (!(error instanceof InputError)) return error
  return new InputError(
    error.problems.map(p => (p.line > 0 ? p : problemAt({ file, line, column: 1 }, p.message, source))),
  )
}

/**
 * An edit made of a command. It is for the namespace that `on` names; without one, for every node's own
 * namespace where it can be carried out, and for at least one.
 */
export function commandEdit(
  command: Command,
  text: string,
  on: string | undefined,
  place: CommandPlace,
): Edit {
  return {
    title: on === undefined ? text : `${on}: ${text}`,
    plan(snapshot) {
      const steps: { netns: Netns; plan: ReturnType<Command> }[] = []
      let refusal: unknown
      for (const netns of targets(snapshot, on, place))
        try {
          steps.push({ netns, plan: command(netns, snapshot) })
        } catch (error) {
          if (!(error instanceof InputError)) throw error
          refusal ??= placed(error, place)
        }
      if (steps.length === 0) throw refusal
      return planOf(snapshot, text, steps)
    },
  }
}

function planOf(
  snapshot: Snapshot,
  text: string,
  steps: readonly { netns: Netns; plan: ReturnType<Command> }[],
): Plan {
  return {
    title: text,
    changes: steps.flatMap(({ netns, plan }) => {
      const n = snapshot.nodes.findIndex(node => node.name === netns.node)
      const i = snapshot.nodes[n]!.namespaces.findIndex(other => other.name === netns.name)
      return plan.changes.map(change => ({ ...change, path: ['nodes', n, 'namespaces', i, ...change.path] }))
    }),
    commands: steps.map(({ netns }) => located(snapshot, netns, text)),
    undo: steps.flatMap(({ netns, plan }) => plan.undo.map(line => located(snapshot, netns, line))),
  }
}

/** A command as it is typed: `ip netns exec` for a pod, `# on NODE` where there are several nodes. */
export function located(snapshot: Snapshot, netns: Netns, command: string): string {
  if (command.startsWith('#')) return command
  const inside = netns.isHost ? command : `ip netns exec ${shellQuoted(netns.folder)} ${command}`
  return snapshot.nodes.length > 1 ? `${inside}   # on ${netns.node}` : inside
}

function targets(snapshot: Snapshot, on: string | undefined, place: CommandPlace): readonly Netns[] {
  const all = namespacesOf(snapshot)
  if (on === undefined) return all.filter(netns => netns.isHost)
  const named = Object.hasOwn(snapshot.endpoints, on) ? snapshot.endpoints[on]!.netns : undefined
  const netns = findNetns(all, named ?? on) ?? (on === 'node' ? all.find(n => n.isHost) : undefined)
  if (netns) return [netns]
  throw placed(
    inputError(place.file, `no node or pod is called ${on.slice(0, 60)}${didYouMean(on, namesOf(snapshot))}`),
    place,
  )
}
