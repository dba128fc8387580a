import type { ConntrackEntry } from '../conntrack/entry.js'
import { invert, sameTuple, type Side } from '../conntrack/tuple.js'
import type { Hook } from '../netfilter/hook.js'
import { type Here, note } from '../run/here.js'
import type { NatRange } from '../xtables/extension.js'
import { type Manip, uniqueTuple } from './unique-tuple.js'

/** HOOK2MANIP(): destinations are decided on the way in, sources on the way out. */
export const manipAt = (hook: Hook): Manip => (hook === 'POSTROUTING' || hook === 'INPUT' ? 'src' : 'dst')

export const isBound = (entry: ConntrackEntry, manip: Manip): boolean =>
  manip === 'src' ? entry.srcNatDone : entry.dstNatDone

const sideText = (side: Side): string =>
  side.address.includes(':') ? `[${side.address}]:${side.port}` : `${side.address}:${side.port}`

/**
 * nf_nat_setup_info(): binds one manip of a connection, once. NAT only ever edits the tuple in which the reply
 * will be recognised. A null binding changes nothing but may still have to move a source port that is taken.
 */
export function setupInfo(
  entry: ConntrackEntry,
  range: NatRange,
  manip: Manip,
  here: Here,
  because: string,
  nullBinding = false,
): void {
  if (entry.confirmed && !nullBinding && isBound(entry, manip)) return
  if (entry.confirmed) return
  const current = invert(entry.reply)
  const next = uniqueTuple(current, range, entry, manip, here, {
    draw: (at, options) => here.run.choose(here.trace, here.space.name, at, options),
    drawn: at => here.run.chooser.made.filter(choice => choice.at === at).length,
  })
  const changed = !sameTuple(current, next)
  if (changed) {
    entry.reply = invert(next)
    if (manip === 'src') entry.srcNat = true
    else entry.dstNat = true
  }
  if (manip === 'src') entry.srcNatDone = true
  else entry.dstNatDone = true
  note(here, {
    kind: 'nat',
    manip,
    from: sideText(current[manip]),
    to: sideText(next[manip]),
    nullBinding: nullBinding && !changed,
    id: entry.id,
    because: nullBinding && changed ? 'the source port is taken by another connection: it is moved' : because,
  })
}

/** nf_nat_alloc_null_binding(): NAT was considered, nothing is to be done. */
export function nullBinding(entry: ConntrackEntry, manip: Manip, here: Here): void {
  const address = invert(entry.reply)[manip].address
  setupInfo(
    entry,
    { minAddress: address, maxAddress: address },
    manip,
    here,
    'no rule of the nat table asks for a change',
    true,
  )
}
