import type { PacketTrace, TraceEvent } from './events.js'

/** Where two conversations part: the packet (its index), and the first event that differs; undefined: it has ended. */
export interface Parting {
  readonly packet: number
  readonly before?: TraceEvent
  readonly after?: TraceEvent
}

/** The first step at which two conversations go different ways; undefined where they do not. */
export function parting(before: readonly PacketTrace[], after: readonly PacketTrace[]): Parting | undefined {
  // an event that both had is told once for all packets: seq is the order in which things happened
  let first: Parting | undefined
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    const found = partingOf(i, before[i]?.events ?? [], after[i]?.events ?? [])
    if (found && (!first || orderOf(found) < orderOf(first))) first = found
  }
  return first
}

const orderOf = ({ before, after }: Parting): number =>
  Math.min(before?.at ?? Infinity, after?.at ?? Infinity)

function partingOf(
  packet: number,
  before: readonly TraceEvent[],
  after: readonly TraceEvent[],
): Parting | undefined {
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    const [a, b] = [before[i], after[i]]
    if (a && b && likeness(a) === likeness(b)) continue
    return { packet, ...(a ? { before: a } : {}), ...(b ? { after: b } : {}) }
  }
  return undefined
}

/** What makes two events the same step: not when it happened, nor the numbers that shift with an inserted rule. */
const likeness = (event: TraceEvent): string =>
  JSON.stringify(event, (key, value) => (SHIFTING.has(key) ? undefined : value))

const SHIFTING = new Set(['seq', 'at', 'number', 'line', 'file', 'id', 'entry', 'because'])
