import type { IpSet } from '../../model/ipset.js'
import type { RuleEnv } from '../extension.js'

const changed = (env: RuleEnv): Map<string, IpSet> => env.memory.get('ipsets', () => new Map<string, IpSet>())

/**
 * A set as it is at this moment of the run: as dumped, or as the SET target has left it. A changed set is a new
 * object, so indexes kept by object stay right. undefined: it was not dumped.
 */
export const currentSet = (env: RuleEnv, name: string): IpSet | undefined =>
  changed(env).get(name) ?? env.netns.sets.find(s => s.name === name)

/** Puts a changed set in the place of the old one, for the rest of the run. */
export const replaceSet = (env: RuleEnv, set: IpSet): void => {
  changed(env).set(set.name, set)
}
