import { firstChunk, oneChunk, SCTP_CHUNK } from '../conntrack/state-sctp.js'
import { noRoute, routeOutput } from '../routing/output.js'
import { type Here, note } from '../run/here.js'
import type { RunState } from '../run/run-state.js'
import type { Socket } from '../run/sockets.js'
import type { Skb } from '../skb/skb.js'
import type { Ip } from '../values/ip.js'
import { PROTO } from '../values/proto.js'
import { freshPacket } from './birth.js'

/** RTO.Initial of RFC 9260 (s): an INIT without an answer is repeated after it, and after twice as long. */
export const INIT_RTO = 3

/** What a client says to a chunk that has come: the next chunk, or what it has learned. Others need no answer. */
export function clientHears(
  chunk: number | undefined,
): 'cookie' | 'ask' | 'answered' | 'aborted' | undefined {
  switch (chunk) {
    case SCTP_CHUNK.initAck:
      return 'cookie'
    case SCTP_CHUNK.cookieAck:
      return 'ask'
    case SCTP_CHUNK.data:
      return 'answered'
    case SCTP_CHUNK.abort:
      return 'aborted'
    default:
      return undefined
  }
}

/** An association at the server's side: four chunks until it is open, then the question and its answer. */
export class SctpAssociation implements Socket {
  readonly proto = PROTO.sctp
  readonly local: { readonly address: Ip; readonly port: number }
  readonly remote: { readonly address: Ip; readonly port: number }
  readonly name: string
  readonly transparent = 'unknown'

  constructor(
    private readonly run: RunState,
    first: Skb,
    private readonly here: Here,
    private readonly answer: number,
  ) {
    const { packet } = first
    this.local = { address: packet.dst, port: packet.dport ?? 0 }
    this.remote = { address: packet.src, port: packet.sport ?? 0 }
    this.name = `the server's association in ${here.space.name}`
  }

  receive(skb: Skb): void {
    switch (firstChunk(skb.packet)) {
      case SCTP_CHUNK.init:
        this.send(SCTP_CHUNK.initAck, 0, 'the server accepts, and hands out a cookie')
        return
      case SCTP_CHUNK.cookieEcho:
        this.send(SCTP_CHUNK.cookieAck, 0, 'the cookie is good: the association is open')
        return
      case SCTP_CHUNK.shutdown:
        this.send(SCTP_CHUNK.shutdownAck, 0, 'the server closes too')
        return
      case SCTP_CHUNK.data:
        this.send(SCTP_CHUNK.sack, 0, 'the question has arrived')
        this.send(SCTP_CHUNK.data, this.answer, 'the server answers')
    }
  }

  private send(chunk: number, payload: number, because: string): void {
    const { local, remote, here } = this
    const ports = { sport: local.port, dport: remote.port }
    const found = routeOutput(here.space, {
      dst: remote.address,
      src: local.address,
      anySource: true,
      mark: 0,
      proto: PROTO.sctp,
      ...ports,
    })
    if (noRoute(found)) {
      note(here, { kind: 'makes', packet: 'no answer', because: found.because })
      return
    }
    this.run.send({
      netns: here.space.name,
      room: 'local-out',
      skb: {
        packet: freshPacket(this.run, {
          src: local.address,
          dst: remote.address,
          proto: PROTO.sctp,
          ...ports,
          ...oneChunk(chunk),
          payload,
        }),
        mark: 0,
        priority: 0,
        pktType: 'host',
        owner: {},
        route: found.route,
      },
      because,
      cause: here.trace,
      direction: 'reply',
    })
  }
}
