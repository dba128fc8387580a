import { isOfService } from '../conntrack/loaded.js'
import { STATES, tcpStateNamed } from '../conntrack/state-tcp.js'
import type { ConntrackLine, Netns, Snapshot, TupleText } from '../model/snapshot.js'
import { namespacesOf } from '../snapshot/names.js'
import { isIcmp, PROTO, protoLabel } from '../values/proto.js'

/** Seconds: what ends sooner would end in the middle of a flow. */
const SHORTEST = 10

/** Why a connection of the dump cannot be made on a kernel as it was; undefined: it can. */
export function whyNotMade({ ipvs }: Netns, line: ConntrackLine): string | undefined {
  if (line.timeout < SHORTEST && !isOffloaded(line)) return 'they are about to end'
  if (isOffloaded(line)) return 'they are offloaded'
  if (line.helper !== undefined) return 'what their helpers expect is not dumped'
  if ((UNTOLD as readonly number[]).includes(line.proto))
    return `a dump does not tell all of ${protoLabel(line.proto)}`
  if (ipvs && isOfService(ipvs, line)) return 'they belong to IPVS'
  return undefined
}

const isOffloaded = ({ text }: ConntrackLine): boolean => /\[(HW_)?OFFLOAD\]/.test(text)

/** Their tracker keeps keys, tags or sequence numbers. */
const UNTOLD = [PROTO.sctp, PROTO.dccp, PROTO.gre] as const

/** What both sides begin without, a sentence for each reason. */
export function leftOut(snapshot: Snapshot): string[] {
  return namespacesOf(snapshot).flatMap(netns => {
    const counts = new Map<string, number>()
    for (const line of netns.conntrack) {
      const why = whyNotMade(netns, line)
      if (why !== undefined) counts.set(why, (counts.get(why) ?? 0) + 1)
    }
    const balanced = netns.ipvsConnections?.length ?? 0
    return [
      ...[...counts].map(
        ([why, count]) =>
          `${netns.name}: both sides begin without ${count} of the dump's ${netns.conntrack.length} connections: ${why}`,
      ),
      ...(balanced > 0
        ? [`${netns.name}: both sides begin without the dump's ${balanced} connections of IPVS`]
        : []),
    ]
  })
}

/** enum ip_conntrack_status */
const IPS = { seenReply: 2, assured: 4, confirmed: 8 } as const

type Ends = Pick<TupleText, 'src' | 'dst' | 'sport' | 'dport'> & {
  readonly icmp?: readonly [type: number, code: number, id: number]
}
type To = readonly [address: string, port: number | undefined]

/** A connection as the agent's `load_connections` takes it. */
export interface Connection {
  readonly proto: number
  readonly original: Ends
  /** The original turned round: NAT makes the reply's tuple of it. */
  readonly answer: Ends
  readonly dnat: To
  readonly snat: To
  readonly status: number
  readonly timeout: number
  readonly mark: number
  readonly zone: number
  readonly zoneOnly?: 'original' | 'reply'
  /** Number of the state, and IP_CT_TCP_FLAG_… */
  readonly tcp?: readonly [state: number, flags: number]
  readonly text: string
}

/** IP_CT_TCP_FLAG_CLOSE_INIT: a FIN has passed, so a SYN may begin anew. */
const CLOSE_INIT = 4
const CLOSING: readonly string[] = ['FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT']

export function connectionOf(line: ConntrackLine): Connection {
  const { proto, original, reply, timeout, mark, zone, zoneOnly, text } = line
  const icmp = isIcmp(proto)
  const state = tcpStateNamed(line.state) ?? (line.assured ? 'ESTABLISHED' : 'NONE')
  return {
    ...{ proto, timeout, mark, zone, text },
    ...(zoneOnly && { zoneOnly }),
    original: endsOf(original),
    answer: endsOf({
      ...reply,
      ...{ src: original.dst, dst: original.src },
      ...(original.dport !== undefined && { sport: original.dport }),
      ...(original.sport !== undefined && { dport: original.sport }),
      ...(original.icmpId !== undefined && { icmpId: original.icmpId }),
    }),
    dnat: [reply.src, icmp ? undefined : reply.sport],
    snat: [reply.dst, icmp ? reply.icmpId : reply.dport],
    status: IPS.confirmed | (line.unreplied ? 0 : IPS.seenReply) | (line.assured ? IPS.assured : 0),
    ...(proto === PROTO.tcp && {
      tcp: [STATES.indexOf(state), CLOSING.includes(state) ? CLOSE_INIT : 0] as const,
    }),
  }
}

const endsOf = ({ src, dst, sport, dport, icmpType, icmpCode, icmpId }: TupleText): Ends => ({
  ...{ src, dst },
  ...(icmpType === undefined
    ? { ...(sport !== undefined && { sport }), ...(dport !== undefined && { dport }) }
    : { icmp: [icmpType, icmpCode ?? 0, icmpId ?? 0] as const }),
})
