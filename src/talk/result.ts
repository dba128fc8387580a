import type { Errno } from '../routing/fib.js'
import type { FlowOutcome } from './conversation.js'

/** tcp_rto_min: the first repetition of data (s). It doubles. */
export const DATA_RTO = 0.2
/** TCP_TIMEOUT_INIT: a SYN is repeated after 1 s. It doubles. */
export const SYN_RTO = 1
/** Until a program goes on that waited for its connection (s): longer than a packet's way through a machine. */
export const WAKE_UP = 0.001
/** How often unanswered data is repeated: about as long as a patient program waits. */
export const DATA_RETRIES = 3

/** What a failed route means to the program that asked for it. */
export const OUTCOME_OF = {
  ENETUNREACH: 'net-unreachable',
  EHOSTUNREACH: 'host-unreachable',
  EACCES: 'not-permitted',
  EINVAL: 'not-permitted',
} as const satisfies Record<Errno, FlowOutcome>

export interface Result {
  readonly outcome: FlowOutcome
  readonly because: string
}
