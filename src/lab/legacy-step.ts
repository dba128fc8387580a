import type { EventBody } from '../trace/events.js'
import { plainRule } from './plain-rule.js'

/** Legacy rules and those of nft are traced apart: a pass each, and each in its own order. */
export const legacyName = (netns: string): string => `${netns} (legacy)`

/** xt_TRACE tells which rule fits, by its number, and not what comes of it. @param rule undefined: the policy */
export const stepOf = (table: string, chain: string, number: number, rule: string | undefined): string =>
  rule === undefined ? `${table} | ${chain} | policy` : `${table} | ${chain} | ${number} | ${plainRule(rule)}`

type Told = Extract<EventBody, { kind: 'rule' | 'policy' | 'return' }>

/** The simulator's event in the same words. */
export const legacyStep = (event: Told): string =>
  event.kind === 'policy'
    ? stepOf(event.table, event.chain, 0, undefined)
    : stepOf(event.table, event.chain, event.number, event.text)
