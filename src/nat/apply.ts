import { type ConntrackEntry, type CtInfo, directionOf, opposite } from '../conntrack/entry.js'
import { invert } from '../conntrack/tuple.js'
import type { Packet } from '../model/packet.js'
import type { Here } from '../run/here.js'
import { type Changes, rewrite, rewriteInner } from '../skb/rewrite.js'
import type { Skb } from '../skb/skb.js'
import { hasPorts } from '../values/proto.js'
import type { Manip } from './unique-tuple.js'

/** Is this manip of this direction one that the connection's status bits ask for? The reply needs the other one. */
function asked(entry: ConntrackEntry, manip: Manip, info: CtInfo): boolean {
  const wants: Manip = directionOf(info) === 'reply' ? (manip === 'src' ? 'dst' : 'src') : manip
  return wants === 'src' ? entry.srcNat : entry.dstNat
}

/** nf_nat_packet(): translates one packet from its entry alone; no rule is looked at. */
export function applyNat(skb: Skb, entry: ConntrackEntry, info: CtInfo, manip: Manip, here: Here): Skb {
  if (!asked(entry, manip, info)) return skb
  const target = directionOf(info) === 'original' ? invert(entry.reply) : invert(entry.original)
  return rewrite(skb, sideOf(skb.packet, target, manip), `connection #${entry.id}`, here)
}

/** nf_nat_manip_pkt(): an address, and the port of that side; icmp_manip_pkt(): the id of an echo, which has but one. */
function sideOf(
  packet: Packet,
  target: { src: { address: Packet['src']; port: number }; dst: { address: Packet['dst']; port: number } },
  manip: Manip,
): Changes {
  if (packet.icmp)
    return manip === 'src'
      ? { src: target.src.address, echo: target.src.port }
      : { dst: target.dst.address, echo: target.src.port }
  const ports = hasPorts(packet.proto)
  return manip === 'src'
    ? { src: target.src.address, ...(ports ? { sport: target.src.port } : {}) }
    : { dst: target.dst.address, ...(ports ? { dport: target.dst.port } : {}) }
}

/**
 * nf_nat_icmp_reply_translation(): an ICMP error about a translated connection is translated too, outside and
 * in the packet that it quotes. undefined: the packet must be dropped.
 */
export function translateIcmpError(
  skb: Skb,
  entry: ConntrackEntry,
  info: CtInfo,
  manip: Manip,
  here: Here,
): Skb | undefined {
  // redirects on translated connections would mislead: they are dropped
  if (skb.packet.proto === 1 && skb.packet.icmp?.type === 5) {
    if (!(entry.srcNatDone && entry.dstNatDone)) return undefined
    if (entry.srcNat || entry.dstNat) return undefined
  }
  if (!asked(entry, manip, info)) return skb
  const other = entry[opposite(directionOf(info))]
  const by = `connection #${entry.id}`
  const innerManip: Manip = manip === 'src' ? 'dst' : 'src'
  let out = skb
  if (skb.packet.inner) out = rewriteInner(out, sideOf(skb.packet.inner, other, innerManip), by, here)
  const target = invert(other)
  return rewrite(out, manip === 'src' ? { src: target.src.address } : { dst: target.dst.address }, by, here)
}
