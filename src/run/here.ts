import { ipBits, type Family, type Ip } from '../values/ip.js'
import type { EventBody } from '../trace/events.js'
import type { OpenTrace } from '../trace/trail.js'
import type { Space } from '../world/space.js'
import type { NetnsState, RunState } from './run-state.js'

/** Where a packet is, and everything that may be asked or told there. */
export interface Here {
  readonly run: RunState
  readonly space: Space
  readonly state: NetnsState
  /** The trace of the packet that is being walked. */
  readonly trace: OpenTrace
}

export const note = (here: Here, body: EventBody): number =>
  here.run.trail.note(here.trace, here.space.name, here.run.now, body)

/** Something was supposed: noted in the trace and in the answer's list of assumptions. */
export function assume(here: Here, about: string, because: string): void {
  here.run.assumptions.add(`${about}: ${because}`)
  note(here, { kind: 'assume', about, because })
}

export const hereOf = (run: RunState, netns: string, trace: OpenTrace): Here => ({
  run,
  space: run.world.space(netns),
  state: run.of(netns),
  trace,
})

/** Multicast of either family. */
export function isMulticast(address: Ip): boolean {
  const word = ipBits(address)[0]!
  return address.includes(':') ? word >>> 24 === 0xff : word >>> 28 === 0xe
}
export const isLimitedBroadcast = (address: Ip): boolean => address === '255.255.255.255'
/** 0.0.0.0/8, ipv4_is_zeronet(). */
export const isThisNetwork = (address: Ip): boolean => ipBits(address)[0]! >>> 24 === 0
export function isLoopback(address: Ip): boolean {
  return address.includes(':') ? address === '::1' : ipBits(address)[0]! >>> 24 === 127
}
export const isUnspecified = (address: Ip): boolean => address === '0.0.0.0' || address === '::'
export const icmpProtoOf = (family: Family): number => (family === 'ipv4' ? 1 : 58)
