import type { MatchExtension } from '../extension.js'

/** Every match, in the order of `nfsim extensions`. */
export const matches: readonly MatchExtension[] = []
