import { type Packet, TCP } from '../model/packet.js'
import type { RunState } from '../run/run-state.js'
import { PROTO } from '../values/proto.js'
import { isMulticast } from '../run/here.js'
import { type Family, type Ip, familyOf } from '../values/ip.js'

/** TCP options by number, with the NOPs (1) that align them, as tcp_syn_options() and tcp_established_options() write them with the settings of a fresh kernel. */
const SYN_OPTIONS = [2, 4, 8, 1, 3] as const
const DATA_OPTIONS = [1, 1, 8] as const
/** The same with a D-SACK of one block (RFC 2883). */
export const DSACK_OPTIONS = [...DATA_OPTIONS, 1, 1, 5] as const

function tcpOptionsOf(flags: number): readonly number[] {
  if (flags & TCP.RST) return []
  return flags & TCP.SYN ? SYN_OPTIONS : DATA_OPTIONS
}

/** INET_ECN_ECT_0 */
export const ECT_0 = 2

/** A packet as a program's socket makes it: TTL 64, DF as path MTU discovery sets it. */
export function freshPacket(
  run: RunState,
  fields: Pick<Packet, 'src' | 'dst' | 'proto'> & Partial<Packet>,
): Packet {
  const family: Family = familyOf(fields.dst as Ip)
  return {
    family,
    // IP_DEFAULT_MULTICAST_TTL, IPV6_DEFAULT_MCASTHOPS: no router is to pass it on
    ttl: isMulticast(fields.dst) ? 1 : 64,
    tos: 0,
    id: run.nextIpId(),
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    payload: 0,
    ...(fields.tcpFlags === undefined ? {} : { tcpOptions: tcpOptionsOf(fields.tcpFlags) }),
    ...fields,
    // sctp_v4_ecn_capable(), sctp_v6_ecn_capable(): whatever it sends may be marked instead of dropped
    ...(fields.proto === PROTO.sctp ? { tos: (fields.tos ?? 0) | ECT_0 } : {}),
  }
}
