import type { FlowOutcome } from '../talk/conversation.js'

/** What the shell learns. */
export const EXIT = {
  /** The conversation works; all expectations hold; the input is fine. */
  works: 0,
  /** The conversation is broken; an expectation does not hold. */
  broken: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** A dump or file could not be read. */
  input: 3,
  /** The answer hangs on something that the snapshot does not tell. */
  unknown: 4,
  /** nfsim itself failed (EX_SOFTWARE of sysexits.h). */
  bug: 70,
} as const

/** The exit code that an answer deserves. */
export const exitFor = (outcome: FlowOutcome): number =>
  outcome === 'ok' ? EXIT.works : outcome === 'unknown' ? EXIT.unknown : EXIT.broken

/** Of several answers the worst: broken outweighs unknown, which outweighs works. */
export function worstExit(codes: readonly number[]): number {
  if (codes.includes(EXIT.broken)) return EXIT.broken
  return codes.includes(EXIT.unknown) ? EXIT.unknown : EXIT.works
}
