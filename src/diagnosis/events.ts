import type { EventKind, TraceEvent } from '../trace/events.js'

export type EventOf<K extends EventKind> = Extract<TraceEvent, { kind: K }>
type Events = readonly TraceEvent[] | undefined
type Test<K extends EventKind> = (event: EventOf<K>) => boolean

const isOf =
  <K extends EventKind>(kind: K, test: Test<K> | undefined) =>
  (event: TraceEvent): event is EventOf<K> =>
    event.kind === kind && (test === undefined || test(event as EventOf<K>))

/** The first event of a kind that passes a test. */
export const firstOf = <K extends EventKind>(events: Events, kind: K, test?: Test<K>) =>
  events?.find(isOf(kind, test))
export const lastOf = <K extends EventKind>(events: Events, kind: K, test?: Test<K>) =>
  events?.findLast(isOf(kind, test))
export const allOf = <K extends EventKind>(events: Events, kind: K, test?: Test<K>): EventOf<K>[] =>
  events?.filter(isOf(kind, test)) ?? []

/** In a namespace a rule took the packet out of tracking: that rule, and what conntrack said of it. */
export function notrackIn(
  events: Events,
  netns: string,
): { readonly rule: EventOf<'rule'>; readonly told: EventOf<'conntrack'> } | undefined {
  const told = firstOf(events, 'conntrack', e => e.action === 'untracked' && e.netns === netns)
  const isIt = (e: EventOf<'rule'>) =>
    e.netns === netns && e.seq < told!.seq && / -j (NOTRACK\b|CT .*--notrack\b)/.test(e.text)
  const rule = told && lastOf(events, 'rule', isIt)
  return rule && { rule, told }
}
