import type { Ip } from '../values/ip.js'

/** One side of a connection: address, and port or ICMP id. */
export interface Side {
  readonly address: Ip
  readonly port: number
}

/** nf_conntrack_tuple: what identifies one direction of a connection. For ICMP the ports hold the id, and type and code are beside. */
export interface Tuple {
  readonly proto: number
  readonly src: Side
  readonly dst: Side
  readonly icmp?: { readonly type: number; readonly code: number }
}

/** icmp_invmap[] and its v6 twin: which type answers which (nf_conntrack_proto_icmp.c, _icmpv6.c). */
const ANSWERS: Readonly<Record<number, number>> = {
  8: 0,
  0: 8,
  13: 14,
  14: 13,
  15: 16,
  16: 15,
  17: 18,
  18: 17,
  128: 129,
  129: 128,
  139: 140,
  140: 139,
}

/** nf_ct_invert_tuple(): the same connection, seen from the other end. */
export function invert(t: Tuple): Tuple {
  if (!t.icmp) return { proto: t.proto, src: t.dst, dst: t.src }
  // an echo keeps its id on both ways: it stands in src.port and dst.port alike
  return {
    proto: t.proto,
    src: t.dst,
    dst: t.src,
    icmp: { type: ANSWERS[t.icmp.type] ?? t.icmp.type, code: t.icmp.code },
  }
}

export function tupleKey(t: Tuple): string {
  const base = `${t.proto} ${t.src.address} ${t.src.port} ${t.dst.address} ${t.dst.port}`
  return t.icmp ? `${base} ${t.icmp.type} ${t.icmp.code}` : base
}

export const sameTuple = (a: Tuple, b: Tuple): boolean => tupleKey(a) === tupleKey(b)
