import type { Family } from '../values/ip.js'
import type { MatchExtension, TargetExtension } from './extension.js'
import { matches } from './matches/index.js'
import { targets } from './targets/index.js'

const ALIASES = new Map([
  ['icmpv6', 'icmp6'],
  ['ipv6-icmp', 'icmp6'],
  ['mobility-header', 'mh'],
  ['ipv6-mh', 'mh'],
])

function index<E extends MatchExtension | TargetExtension>(
  extensions: readonly E[],
): Record<Family, Map<string, E>> {
  const byFamily = { ipv4: new Map<string, E>(), ipv6: new Map<string, E>() }
  for (const extension of extensions)
    for (const family of ['ipv4', 'ipv6'] as const)
      if (extension.family === undefined || extension.family === family) {
        if (byFamily[family].has(extension.name))
          throw new Error(`two extensions of the name ${extension.name} for ${family}`)
        byFamily[family].set(extension.name, extension)
      }
  return byFamily
}

const MATCHES = index(matches)
const TARGETS = index(targets)

/** The match of a name as `-m` or `-p` spells it, for a family; undefined if nfsim doesn't know it. */
export const findMatch = (name: string, family: Family): MatchExtension | undefined =>
  MATCHES[family].get(ALIASES.get(name) ?? name)

/** The target of a name as `-j` spells it, for a family; undefined if nfsim doesn't know it. */
export const findTarget = (name: string, family: Family): TargetExtension | undefined =>
  TARGETS[family].get(name)

/** Every extension, matches first, family variants one after the other. */
export const allExtensions = (): readonly (MatchExtension | TargetExtension)[] => [...matches, ...targets]
