import type { Packet } from '../model/packet.js'
import { noRoute, routeOutput } from '../routing/output.js'
import type { Birth, RunState } from '../run/run-state.js'
import { Sequence } from '../run/tcp-sequence.js'
import { packetLength } from '../skb/packet-summary.js'
import type { Ip } from '../values/ip.js'
import { PROTO } from '../values/proto.js'
import { freshPacket } from './birth.js'
import type { ResolvedFlow } from './conversation.js'
import type { Sends } from './sends.js'
import { Sizes } from './sizes.js'

/** Where the client's sequence numbers begin; a kernel throws dice. */
const CLIENT_ISN = 1_000_000

/** What a client's socket writes: packets from its ends, as long as was told, with numbers in order. */
export class ClientPackets {
  readonly sizes: Sizes
  readonly sequence = new Sequence(CLIENT_ISN)
  private readonly hash: number

  constructor(
    private readonly run: RunState,
    private readonly flow: ResolvedFlow,
    private readonly src: Ip,
    private readonly proto: number,
    private readonly sends: Sends,
    private readonly onLocalDrop: NonNullable<Birth['onLocalDrop']>,
  ) {
    this.hash = run.drawHash()
    this.sizes = new Sizes(run, flow, src, proto, sends.mark ?? 0)
  }

  /** The data that it asks with: as told, or so many bytes of no matter what. */
  question(bytes: number): { readonly payload: number; readonly data?: string } {
    const { data } = this.sends
    return data === undefined ? { payload: this.flow.payload ?? bytes } : { payload: data.length, data }
  }

  /** Each packet asks for its way anew: rules and routes go by what it is. `atOnce`: by a timer. */
  send(fields: Partial<Packet>, because: string, atOnce = false): void {
    const { run, flow, src, proto } = this
    const ports = flow.proto === 'icmp' ? {} : { sport: flow.sport, dport: flow.dport }
    const { mark = 0, tos = 0, owner = {}, length } = this.sends
    let packet = freshPacket(run, { src, dst: flow.dst, proto, tos, ...ports, ...fields })
    // of the packet that asks, not of those around it; TCP asks with a byte at least
    const tcp = proto === PROTO.tcp ? 1 : 0
    if (length !== undefined && packet.payload > 0) {
      const payload = Math.max(tcp, length - packetLength({ ...packet, payload: 0 }))
      packet = { ...packet, payload: tcp ? this.sizes.firstSegment(payload) : payload }
    }
    if (tcp) packet = { ...packet, ...this.sequence.stamp(packet.tcpFlags ?? 0, packet.payload) }
    const again = routeOutput(run.world.space(flow.netns), { dst: flow.dst, src, mark, proto, ...ports })
    if (noRoute(again)) return
    const birth: Birth = {
      netns: flow.netns,
      room: 'local-out',
      skb: {
        packet: this.sizes.cut(packet),
        mark,
        priority: 0,
        pktType: 'host',
        owner,
        hash: this.hash,
        route: again.route,
      },
      because,
      direction: 'original',
      onLocalDrop: this.onLocalDrop,
    }
    if (atOnce) run.sendAtOnce(birth)
    else run.send(birth)
  }
}
