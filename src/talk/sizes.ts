import type { Packet } from '../model/packet.js'
import { noRoute, routeOutput } from '../routing/output.js'
import { cutUp, fittingMss, offeredMss, pathMtu, segmentSize } from '../run/mtu.js'
import type { RunState } from '../run/run-state.js'
import type { RouteResult } from '../skb/skb.js'
import { packetLength } from '../skb/packet-summary.js'
import { familyOf, type Ip } from '../values/ip.js'
import { PROTO } from '../values/proto.js'
import type { ResolvedFlow } from './conversation.js'

/** How much a client may send at once: what its machine knows of the way, and what the server has offered. */
export class Sizes {
  /** tp->rx_opt.mss_clamp: what the server takes in one segment. */
  peerMss = Number.POSITIVE_INFINITY
  private last = 0

  constructor(
    private readonly run: RunState,
    private readonly flow: ResolvedFlow,
    private readonly src: Ip,
    private readonly proto: number,
    private readonly mark: number,
  ) {}

  /** The way that the request takes, and what fits there. */
  private get way(): { readonly route: Pick<RouteResult, 'route'>; readonly mtu: number } {
    const { netns, dst } = this.flow
    const space = this.run.world.space(netns)
    const found = routeOutput(space, { dst, src: this.src, mark: this.mark, proto: this.proto })
    if (noRoute(found)) return { route: {}, mtu: 1500 }
    return { route: found.route, mtu: pathMtu({ space, state: this.run.of(netns) }, found.route, dst) }
  }
  private get mtu(): number {
    return this.way.mtu
  }

  /** The MSS option of our SYN. */
  get offer(): number {
    const { route, mtu } = this.way
    return offeredMss(route, mtu, familyOf(this.flow.dst))
  }
  private get most(): number {
    return segmentSize(Math.min(this.peerMss, fittingMss(this.mtu, familyOf(this.flow.dst))))
  }

  /** Bytes of the first segment of a request: the largest, so it stands for all. */
  firstSegment(bytes: number): number {
    const { most } = this
    this.last = Math.min(bytes, most)
    if (bytes > most)
      this.run.assumptions.add(
        `the request of ${bytes} bytes takes ${Math.ceil(bytes / most)} segments: the first, of ${most} bytes, is followed and stands for all`,
      )
    return this.last
  }
  /** Does less fit now than what was sent? */
  get shrunk(): boolean {
    return this.last > this.most
  }

  /** ip_append_data(): a datagram that is longer than the way takes is cut by its sender, who then leaves out DF. */
  cut(packet: Packet): Packet {
    if (packet.proto === PROTO.tcp) return packet
    const { mtu } = this
    if (packetLength(packet) <= mtu) return packet
    this.run.assumptions.add(cutUp(packet, mtu, this.flow.netns))
    return { ...packet, dontFragment: false, fragmentedTo: mtu }
  }
}
