import { type ConntrackEntry, type CtInfo, directionOf } from '../conntrack/entry.js'
import type { Hook } from '../netfilter/hook.js'
import { type Here, note } from '../run/here.js'
import type { Skb } from '../skb/skb.js'
import { isIcmp } from '../values/proto.js'
import { applyNat, translateIcmpError } from './apply.js'
import { isBound, manipAt, nullBinding } from './setup-info.js'

export type NatResult =
  | { readonly verdict: 'ACCEPT'; readonly skb: Skb }
  | { readonly verdict: 'DROP'; readonly because: string }
  | { readonly verdict: 'STOP'; readonly result: unknown }

/** Runs the nat table's rules of a hook. They bind the connection by setupInfo(); the verdict comes back. */
export type Consult = (
  skb: Skb,
) =>
  | { readonly verdict: 'ACCEPT'; readonly skb: Skb }
  | { readonly verdict: 'STOP'; readonly result: unknown }

/**
 * nf_nat_inet_fn() and its wrappers nf_nat_ipv4_fn()/nf_nat_ipv6_fn(): decide once, apply to every packet.
 * `consult` is called only while the connection's manip of this hook is undecided.
 */
export function natHook(
  skb: Skb,
  hook: Hook,
  here: Here,
  consult: readonly Consult[],
  outDev: string | undefined,
): NatResult {
  if (skb.ct?.kind !== 'tracked') {
    if (consult.length > 0)
      note(here, {
        kind: 'table-skipped',
        hook,
        table: 'nat',
        because:
          skb.ct?.kind === 'untracked'
            ? 'the packet is untracked: nat needs a connection'
            : 'the packet has no connection (INVALID, or nothing here asks for tracking): nat needs one',
      })
    return { verdict: 'ACCEPT', skb }
  }
  const { entry, info } = skb.ct
  const manip = manipAt(hook)
  const related = info === 'RELATED' || info === 'RELATED_REPLY'
  if (related && isIcmp(skb.packet.proto)) {
    const translated = translateIcmpError(skb, entry, info, manip, here)
    return translated
      ? { verdict: 'ACCEPT', skb: translated }
      : {
          verdict: 'DROP',
          because:
            'nat drops ICMP redirects about connections that it translates (nf_nat_icmp_reply_translation)',
        }
  }
  let now = skb
  if (info === 'NEW' || related) {
    if (!isBound(entry, manip)) {
      for (const ask of consult) {
        const answer = ask(now)
        if (answer.verdict !== 'ACCEPT') return answer
        now = answer.skb
        if (isBound(entry, manip)) break
      }
      if (!isBound(entry, manip)) nullBinding(entry, manip, here)
    } else {
      if (changedDevice(entry, info, hook, outDev)) return kill(entry, here, outDev)
      if (consult.length > 0)
        skipped(here, hook, entry, 'its connection is bound already, by an earlier look')
    }
  } else {
    if (changedDevice(entry, info, hook, outDev)) return kill(entry, here, outDev)
    if (consult.length > 0)
      skipped(
        here,
        hook,
        entry,
        'nat rules see the first packet of a connection only; this one is translated by the entry',
      )
  }
  return { verdict: 'ACCEPT', skb: applyNat(now, entry, info, manip, here) }
}

function skipped(here: Here, hook: Hook, entry: ConntrackEntry, because: string): void {
  note(here, { kind: 'table-skipped', hook, table: 'nat', because: `${because} (#${entry.id})` })
}

/** nf_nat_oif_changed(): a masqueraded connection whose way out has changed is given up. */
const changedDevice = (entry: ConntrackEntry, info: CtInfo, hook: Hook, out: string | undefined): boolean =>
  hook === 'POSTROUTING' &&
  directionOf(info) === 'original' &&
  entry.masqueradeDev !== undefined &&
  out !== undefined &&
  entry.masqueradeDev !== out

function kill(entry: ConntrackEntry, here: Here, out: string | undefined): NatResult {
  here.state.conntrack.remove(entry)
  return {
    verdict: 'DROP',
    because: `connection #${entry.id} was masqueraded for ${entry.masqueradeDev} and would now leave by ${out}`,
  }
}
