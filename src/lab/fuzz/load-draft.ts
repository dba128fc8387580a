import type { Snapshot } from '../../model/snapshot.js'
import { namespacesOf } from '../../snapshot/names.js'
import type { Agent } from '../agent.js'
import { planSpace } from '../plan.js'
import { snapshotOf, withoutRules } from './draft.js'

/** A draft that both sides can read. */
export interface Loaded {
  readonly files: ReadonlyMap<string, string>
  readonly snapshot: Snapshot
  /** Rules that one side refused, with its words. */
  readonly refused: readonly string[]
}

/**
 * Takes out the rules that a side refuses to load, so that the rest can be compared. What one side takes and the
 * other does not is told too: it is a difference of its own kind.
 */
export async function loadDraft(
  agent: Agent,
  scratch: string,
  drafted: ReadonlyMap<string, string>,
): Promise<Loaded> {
  const refused: string[] = []
  let files = drafted
  const drop = (rule: string, line: string, why: string) => {
    refused.push(`${why}: ${line}`)
    files = withoutRules(files, (_, l) => l.includes(`--comment ${rule} `) || l.endsWith(`--comment ${rule}`))
  }
  for (let rounds = 0; rounds < 150; rounds++) {
    const snapshot = snapshotOf(files)
    const problem = snapshot.problems.find(p => p.severity === 'error' && /--comment r\d+/.test(p.source))
    if (problem) {
      drop(/--comment (r\d+)/.exec(problem.source)![1]!, problem.source, `nfsim: ${problem.message}`)
      continue
    }
    const bad = await firstRefused(agent, scratch, snapshot)
    if (!bad) return { files, snapshot, refused }
    drop(bad.rule, bad.line, `kernel: ${bad.why}`)
  }
  throw new Error('too many rules that cannot be loaded')
}

async function firstRefused(agent: Agent, ns: string, snapshot: Snapshot) {
  for (const netns of namespacesOf(snapshot)) {
    const plan = planSpace(netns)
    if (plan.rules.length === 0) continue
    for (const { tool } of plan.rules)
      await agent.exec(ns, [tool], '*raw\nCOMMIT\n*mangle\nCOMMIT\n*nat\nCOMMIT\n*filter\nCOMMIT\n', true)
    for (let tries = 0; tries < 50; tries++) {
      // rules let go of their sets a moment after they are gone
      if ((await agent.exec(ns, ['ipset', 'destroy'], undefined, true)).status === 0) break
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    if (plan.ipset !== '') await agent.exec(ns, ['ipset', 'restore', '-exist'], plan.ipset)
    for (const { tool, text } of plan.rules) {
      const { status, err } = await agent.exec(ns, [tool], text, true)
      if (status === 0) continue
      const at = /line:? (\d+)/.exec(err)?.[1]
      const line = text.split('\n')[Number(at) - 1] ?? ''
      const rule = /--comment (r\d+)/.exec(line)?.[1]
      if (rule === undefined) throw new Error(`${tool}: ${err}`)
      return { rule, line, why: err.trim().split('\n')[0]! }
    }
  }
  return undefined
}
