import type { Packet } from '../model/packet.js'
import { type Here, note } from '../run/here.js'
import type { Skb } from './skb.js'

type Field = 'src' | 'dst' | 'sport' | 'dport' | 'ttl' | 'tos'

/** New values of header fields; `echo`: the id of an ICMP echo. */
export type Changes = Partial<Pick<Packet, Field>> & { readonly echo?: number }

/** The only function that changes the headers of a packet in flight. No change, no event. */
export function rewrite(skb: Skb, to: Changes, by: string, here: Here): Skb {
  const packet = changed(skb.packet, to, by, here, '')
  return packet === skb.packet ? skb : { ...skb, packet }
}

function changed(packet: Packet, { echo, ...to }: Changes, by: string, here: Here, which: string): Packet {
  let out = packet
  const say = (field: string, from: string | number | undefined, next: string | number) =>
    note(here, { kind: 'rewrite', field: `${which}${field}`, from: String(from), to: String(next), by })
  for (const field of Object.keys(to) as Field[]) {
    const next = to[field]
    if (next === undefined || packet[field] === next) continue
    out = { ...out, [field]: next }
    say(field, packet[field], next)
  }
  const { icmp } = packet
  if (echo === undefined || !icmp || icmp.id === undefined || icmp.id === echo) return out
  say('id', icmp.id, echo)
  return { ...out, icmp: { ...icmp, id: echo } }
}

/** The quoted packet of an ICMP error is changed as well, so that its reader recognises it. */
export function rewriteInner(skb: Skb, to: Changes, by: string, here: Here): Skb {
  const { inner } = skb.packet
  if (!inner) return skb
  const next = changed(inner, to, by, here, 'quoted ')
  return next === inner ? skb : { ...skb, packet: { ...skb.packet, inner: next } }
}

/** Setting the mark of the packet, with its event. */
export function remark(skb: Skb, mark: number, by: string, here: Here): Skb {
  if (skb.mark === mark) return skb
  note(here, { kind: 'mark', what: 'packet', from: skb.mark, to: mark, by })
  return { ...skb, mark }
}
