import { dh, sh } from './hash.js'
import { fo, lblc, lblcr, lc, nq, ovf, sed, twos, wlc } from './load.js'
import { mh } from './mh.js'
import { rr, wrr } from './rotation.js'
import type { Scheduler } from './scheduler.js'

/** All schedulers of the kernel, by the name that ipvsadm prints. */
export const SCHEDULERS: ReadonlyMap<string, Scheduler> = new Map(
  [rr, wrr, lc, wlc, sh, dh, sed, nq, lblc, lblcr, mh, ovf, fo, twos].map(s => [s.name, s]),
)
