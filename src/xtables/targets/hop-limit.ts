import type { Outcome, RuleEnv } from '../extension.js'
import { uint } from '../values.js'
import { exactlyOne } from './given.js'

/** The three rows of TTL and HL, which differ in their spelling only. */
export const hopRows = (field: 'ttl' | 'hl') =>
  ({
    set: uint(`--${field}-set`, { max: 255 }),
    dec: uint(`--${field}-dec`, { min: 1, max: 255 }),
    inc: uint(`--${field}-inc`, { min: 1, max: 255 }),
  }) as const

export const hopCheck = (args: object, field: 'ttl' | 'hl'): string | undefined =>
  exactlyOne(args, { set: `--${field}-set`, dec: `--${field}-dec`, inc: `--${field}-inc` })

interface HopArgs {
  readonly set?: { readonly value: number } | undefined
  readonly dec?: { readonly value: number } | undefined
  readonly inc?: { readonly value: number } | undefined
}

/** Stops at 0 and 255 instead of wrapping around (net/netfilter/xt_HL.c ttl_tg(), hl_tg6()). */
export function setHops({ skb }: RuleEnv, { set, dec, inc }: HopArgs): Outcome {
  const { ttl } = skb.packet
  const next = set ? set.value : Math.min(255, Math.max(0, ttl + (inc?.value ?? 0) - (dec?.value ?? 0)))
  return { kind: 'continue', skb: { ...skb, packet: { ...skb.packet, ttl: next } } }
}
