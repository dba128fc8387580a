import type { Connection } from './known-connections.js'
import type { SpacePlan } from './plan.js'

/** What the agent does in a namespace before a flow: it runs a program, or loads Services of IPVS, or connections. */
export type Step =
  | {
      readonly ns: string
      readonly argv: readonly string[]
      readonly input?: string
      /** Its failure is nothing to stop for. */
      readonly mayFail?: boolean
    }
  | { readonly ns: string; readonly ipvs: string }
  | { readonly ns: string; readonly connections: readonly Connection[] }

/**
 * What makes a namespace one in which nothing has happened yet: rules freshly loaded, the dump's connections, and neither
 * neighbours nor bridges' MAC addresses learned but those that are in the plan.
 * @param round a number that no flow before had
 */
export const freshSteps = (plan: SpacePlan, ns: string, round: number): Step[] => [
  ...(plan.ipset === '' ? [] : [{ ns, argv: ['ipset', 'restore', '-exist'], input: freshSets(plan) }]),
  ...plan.rules.map(({ tool, text }) => ({ ns, argv: [tool], input: renamed(text, round) })),
  ...(plan.ipvs === '' ? [] : [{ ns, ipvs: plan.ipvs }]),
  ...(plan.rules.length > 0 ? [{ ns, argv: ['conntrack', '-F'], mayFail: true }] : []),
  ...(plan.connections.length > 0 ? [{ ns, connections: plan.connections }] : []),
  // permanent neighbours go and come back, too: with them goes the header that the kernel keeps ready (neigh->hh)
  batch(ns, 'ip', ['neigh flush nud all', ...plan.neighbours]),
  // not `ip link set … fdb_flush`: that counts as a change of the device, whose groups are reported again then
  ...plan.netns.ifaces
    .filter(iface => iface.kind === 'bridge')
    .map(({ name }) => batch(ns, 'bridge', [`fdb flush dev ${name} self nopermanent nostatic`])),
]

const batch = (ns: string, tool: string, lines: readonly string[]): Step => ({
  ...{ ns, argv: [tool, '-force', '-batch', '-'], mayFail: true },
  input: lines.map(line => `${line}\n`).join(''),
})

/** Sets as dumped: rules of the flow before may have added to them. */
const freshSets = (plan: SpacePlan): string =>
  plan.netns.sets
    .map(set => `flush ${set.name}\n`)
    .concat(plan.ipset.split('\n').flatMap(line => (line.startsWith('add ') ? [`${line}\n`] : [])))
    .join('')

/** Lists of `recent` and tables of `hashlimit` outlive a rule that is loaded again: each round gets its own. */
const renamed = (text: string, round: number): string =>
  text
    .replace(/(-m recent .*?--name) ([\w-]+)(?=\s)/g, `$1 $2_lab${round}`)
    .replace(/(--hashlimit-name) (\w{1,6})(?=\s)/g, `$1 $2_lab${round}`)
