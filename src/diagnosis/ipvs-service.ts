import type { VirtualService } from '../model/ipvs.js'
import type { Netns } from '../model/snapshot.js'
import type { ResolvedFlow } from '../talk/conversation.js'

/** The Service that IPVS on a node has at the address and port that are asked for. */
export const serviceAsked = (
  netns: Netns,
  { proto, dst, dport }: Pick<ResolvedFlow, 'proto' | 'dst' | 'dport'>,
): VirtualService | undefined =>
  netns.ipvs?.services.find(
    ({ id }) =>
      id.kind === 'address' && id.address === dst && id.port === dport && id.proto.toLowerCase() === proto,
  )
