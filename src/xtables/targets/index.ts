import type { TargetExtension } from '../extension.js'

/** Every target, in the order of `nfsim extensions`. */
export const targets: readonly TargetExtension[] = []
