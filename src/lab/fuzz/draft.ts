import { loadSnapshot } from '../../snapshot/load.js'
import type { Snapshot } from '../../model/snapshot.js'
import type { Flow } from '../../talk/conversation.js'
import { withTrace } from '../with-trace.js'
import { randomFlows } from './flows.js'
import { filesOf } from './host.js'
import { Random } from './random.js'
import { randomRules, randomSets } from './rules.js'
import { bridgeWorld } from './worlds/bridge.js'
import { routerWorld } from './worlds/router.js'
import { twoWorld } from './worlds/two.js'

/** A random snapshot as a folder of files, and questions about it. */
export interface Draft {
  readonly title: string
  readonly files: ReadonlyMap<string, string>
  readonly flows: readonly Flow[]
}

export function draftOf(seed: number, flowsEach: number): Draft {
  const random = new Random(seed)
  const world = random.weighted([
    [5, bridgeWorld],
    [4, routerWorld],
    [1.5, twoWorld],
  ])(random)
  const files = new Map<string, string>()
  for (const node of world.nodes) {
    node.ipset = randomSets(world, random)
    node.iptables = randomRules(world, false, random)
    if (world.addresses.v6.length > 0) node.ip6tables = randomRules(world, true, random)
  }
  for (const host of world.hosts) for (const [name, text] of filesOf(host)) files.set(name, text)
  files.set('snapshot.yaml', `kernel: "6.18"\nwires:\n${world.wires.map(w => `  - ${w}\n`).join('')}`)
  return { title: `${world.kind}-${seed}`, files, flows: randomFlows(world, random, flowsEach, 41000) }
}

export const snapshotOf = (files: ReadonlyMap<string, string>): Snapshot => withTrace(loadSnapshot(files))

const RULES = /tables-save\.txt$/

/** The files without the rules of these numbers. */
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

/** The rules that the fuzzer made: `file` and `r12` each. */
export function rulesOf(files: ReadonlyMap<string, string>): { file: string; line: string }[] {
  return [...files].flatMap(([file, text]) =>
    RULES.test(file)
      ? text
          .split('\n')
          .filter(line => line.startsWith('-A') && line.includes('--comment r'))
          .map(line => ({ file, line }))
      : [],
  )
}
