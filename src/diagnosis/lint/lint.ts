import type { Snapshot } from '../../model/snapshot.js'
import type { Finding } from '../../talk/conversation.js'
import type { LintCheck } from './check.js'
import { cidrOverlap } from './checks/cidr-overlap.js'
import { chainNeverCalled, ruleShadowed } from './checks/dead-rules.js'
import { markCollision } from './checks/marks.js'
import { nodeSettings } from './checks/node-settings.js'
import { backendMix, deadTarget, ipvsAddress, kubeHash, natWithoutMasquerade } from './checks/services.js'

/** All checks, in the order in which they are explained. */
export const CHECKS: readonly LintCheck[] = [
  nodeSettings,
  cidrOverlap,
  ipvsAddress,
  natWithoutMasquerade,
  deadTarget,
  markCollision,
  ruleShadowed,
  chainNeverCalled,
  kubeHash,
  backendMix,
]

const RANK = { error: 0, warning: 1, info: 2 } as const

/** What is wrong or suspicious in a snapshot before any packet: errors first. */
export const lint = (snapshot: Snapshot): Finding[] =>
  CHECKS.flatMap(check => check.look(snapshot)).sort((a, b) => RANK[a.severity] - RANK[b.severity])
