import type { IpSet } from '../../model/ipset.js'
import type { RuleEnv } from '../extension.js'

const changed = (env: RuleEnv): Map<string, IpSet> => env.memory.get('ipsets', () => new Map<string, IpSet>())

/** A set that the SET target has changed in this run. A change makes a new object, so indexes by object stay right. */
export const changedSet = (env: RuleEnv, name: string): IpSet | undefined => changed(env).get(name)

/** A set as it is at this moment of the run: as dumped, or as SET has left it. undefined: it was not dumped. */
export const currentSet = (env: RuleEnv, name: string): IpSet | undefined =>
  changedSet(env, name) ?? env.netns.sets.find(s => s.name === name)

/** Puts a changed set in the place of the old one, for the rest of the run. */
export const replaceSet = (env: RuleEnv, set: IpSet): void => {
  changed(env).set(set.name, set)
}
