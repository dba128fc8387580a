import type { Packet } from '../model/packet.js'
import type { RunState } from '../run/run-state.js'
import { type Family, type Ip, familyOf } from '../values/ip.js'

/** A packet as a program's socket makes it: TTL 64, DF as path MTU discovery sets it. */
export function freshPacket(
  run: RunState,
  fields: Pick<Packet, 'src' | 'dst' | 'proto'> & Partial<Packet>,
): Packet {
  const family: Family = familyOf(fields.dst as Ip)
  return {
    family,
    ttl: 64,
    tos: 0,
    id: run.nextIpId(),
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    payload: 0,
    ...fields,
  }
}
