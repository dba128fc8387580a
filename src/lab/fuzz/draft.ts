import { loadSnapshot } from '../../snapshot/load.js'
import type { Snapshot } from '../../model/snapshot.js'
import type { Asked } from '../observe.js'
import { withTrace } from '../with-trace.js'
import { randomFlows } from './flows.js'
import { filesOf } from './host.js'
import { Random } from './random.js'
import { randomRules, randomSets } from './rules.js'
import type { RealDump } from './real-dump.js'
import { bridgeWorld } from './worlds/bridge.js'
import { dumpWorld } from './worlds/dump.js'
import { ipvsWorld } from './worlds/ipvs.js'
import { kubeWorld } from './worlds/kube.js'
import { restartMacs } from './worlds/parts.js'
import { routerWorld } from './worlds/router.js'
import { twoWorld } from './worlds/two.js'

/** A random snapshot as a folder of files, and questions about it. */
export interface Draft {
  readonly title: string
  readonly files: ReadonlyMap<string, string>
  readonly flows: readonly Asked[]
}

/** The kinds of worlds, with how often each is drawn. */
const WORLDS = {
  bridge: [5, bridgeWorld],
  router: [4, routerWorld],
  two: [1.5, twoWorld],
  kube: [4, kubeWorld],
  ipvs: [4, ipvsWorld],
} as const
export type Kind = keyof typeof WORLDS
export const KINDS = Object.keys(WORLDS) as Kind[]

/**
 * @param kernel of the machine that is asked
 * @param dumps real ones: worlds are drawn around them, and no others
 */
export function draftOf(
  seed: number,
  flowsEach: number,
  kinds: readonly Kind[] = KINDS,
  kernel = '6.18',
  dumps: readonly RealDump[] = [],
): Draft {
  const random = new Random(seed)
  restartMacs()
  const world =
    dumps.length > 0 ? dumpWorld(dumps)(random) : random.weighted(kinds.map(kind => WORLDS[kind]))(random)
  const files = new Map<string, string>()
  for (const node of world.nodes) {
    node.ipset = `${randomSets(world, random)}${world.setsOf?.(node) ?? ''}`
    const rules = (six: boolean) => world.rulesOf?.(node, six) ?? randomRules(world, six, random)
    node.iptables = rules(false)
    if (world.addresses.v6.length > 0) node.ip6tables = rules(true)
  }
  for (const host of world.hosts) for (const [name, text] of filesOf(host)) files.set(name, text)
  files.set('snapshot.yaml', `kernel: "${kernel}"\nwires:\n${world.wires.map(w => `  - ${w}\n`).join('')}`)
  return {
    title: `${world.kind}-${seed}`,
    files,
    flows: randomFlows(world, random, flowsEach, 41000).map(asked =>
      counts(files) ? withoutTcpBefore(asked) : asked,
    ),
  }
}

/** Rules for which one packet more or less makes a difference. */
const counts = (files: ReadonlyMap<string, string>): boolean =>
  [...files].some(
    ([name, text]) => RULES.test(name) && /--every [2-9]|-m (limit|quota|hashlimit)\b|--hitcount/.test(text),
  )
/** How many acknowledgements a connection makes is a matter of time. */
const withoutTcpBefore = ({ before, ...asked }: Asked): Asked => {
  const first = before?.filter(b => b.proto !== 'tcp') ?? []
  return first.length === 0 ? asked : { ...asked, before: first }
}

export const snapshotOf = (files: ReadonlyMap<string, string>): Snapshot => withTrace(loadSnapshot(files))

const RULES = /tables-save\.txt$/

/** The files without the rules that `drop` names. */
export function withoutRules(
  files: ReadonlyMap<string, string>,
  drop: (file: string, line: string) => boolean,
): Map<string, string> {
  return new Map(
    [...files].map(([name, text]) => [
      name,
      RULES.test(name)
        ? text
            .split('\n')
            .filter(line => !line.startsWith('-A') || !drop(name, line))
            .join('\n')
        : text,
    ]),
  )
}

/** All rules but those that trace. */
export function rulesOf(files: ReadonlyMap<string, string>): { file: string; line: string }[] {
  return [...files].flatMap(([file, text]) =>
    RULES.test(file)
      ? text
          .split('\n')
          .filter(line => line.startsWith('-A') && !line.endsWith('-j TRACE'))
          .map(line => ({ file, line }))
      : [],
  )
}
