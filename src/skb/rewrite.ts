import type { Packet } from '../model/packet.js'
import { type Here, note } from '../run/here.js'
import type { Skb } from './skb.js'

type Field = 'src' | 'dst' | 'sport' | 'dport' | 'ttl' | 'tos'

/** The only function that changes the headers of a packet in flight. No change, no event. */
export function rewrite(skb: Skb, to: Partial<Pick<Packet, Field>>, by: string, here: Here): Skb {
  let changed = false
  for (const field of Object.keys(to) as Field[]) {
    const from = skb.packet[field]
    const next = to[field]
    if (next === undefined || from === next) continue
    changed = true
    note(here, { kind: 'rewrite', field, from: String(from), to: String(next), by })
  }
  return changed ? { ...skb, packet: { ...skb.packet, ...to } } : skb
}

/** The quoted packet of an ICMP error is changed as well, so that its reader recognises it. */
export function rewriteInner(skb: Skb, to: Partial<Pick<Packet, Field>>, by: string, here: Here): Skb {
  const { inner } = skb.packet
  if (!inner) return skb
  let changed = false
  for (const field of Object.keys(to) as Field[]) {
    if (to[field] === undefined || inner[field] === to[field]) continue
    changed = true
    note(here, {
      kind: 'rewrite',
      field: `quoted ${field}`,
      from: String(inner[field]),
      to: String(to[field]),
      by,
    })
  }
  return changed ? { ...skb, packet: { ...skb.packet, inner: { ...inner, ...to } } } : skb
}

/** Setting the mark of the packet, with its event. */
export function remark(skb: Skb, mark: number, by: string, here: Here): Skb {
  if (skb.mark === mark) return skb
  note(here, { kind: 'mark', what: 'packet', from: skb.mark, to: mark, by })
  return { ...skb, mark }
}
