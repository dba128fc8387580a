import type { Packet } from '../model/packet.js'
import { hasPorts, isIcmp } from '../values/proto.js'
import type { Tuple } from './tuple.js'

/** nf_ct_get_tuple(): a packet's own tuple; undefined for what has none (a fragment without ports). */
export function tupleOf(packet: Packet): Tuple | undefined {
  if (packet.fragmentOffset > 0) return undefined
  const side = (address: Packet['src'], port: number) => ({ address, port })
  if (hasPorts(packet.proto))
    return {
      proto: packet.proto,
      src: side(packet.src, packet.sport ?? 0),
      dst: side(packet.dst, packet.dport ?? 0),
    }
  if (isIcmp(packet.proto)) {
    if (!packet.icmp) return undefined
    const id = packet.icmp.id ?? 0
    return {
      proto: packet.proto,
      src: side(packet.src, id),
      dst: side(packet.dst, id),
      icmp: { type: packet.icmp.type, code: packet.icmp.code },
    }
  }
  return { proto: packet.proto, src: side(packet.src, 0), dst: side(packet.dst, 0) }
}

/** Types that open a connection of their own: icmp_packet()'s valid_new[], and nf_conntrack_proto_icmpv6.c's. */
export const opensIcmp = (proto: number, type: number): boolean =>
  proto === 1 ? type === 8 || type === 13 || type === 15 || type === 17 : type === 128 || type === 139

/** ICMP errors carry the packet they are about. */
export function isIcmpError(packet: Packet): boolean {
  if (!packet.icmp) return false
  const { type } = packet.icmp
  return packet.proto === 1
    ? type === 3 || type === 4 || type === 5 || type === 11 || type === 12
    : packet.proto === 58 && type < 128
}
/** Neighbour discovery and multicast listener messages are never tracked: noct_valid_new[] of nf_conntrack_proto_icmpv6.c, since 2.6.29. */
export const isNeighbourDiscovery = ({ proto, icmp }: Packet): boolean =>
  proto === 58 && icmp !== undefined && ((icmp.type >= 130 && icmp.type <= 136) || icmp.type === 143)
