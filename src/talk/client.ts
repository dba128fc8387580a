import { firstChunk, oneChunk, SCTP_CHUNK } from '../conntrack/state-sctp.js'
import { TCP } from '../model/packet.js'
import type { Errno } from '../routing/fib.js'
import { noRoute, routeOutput } from '../routing/output.js'
import type { Here } from '../run/here.js'
import type { RunState } from '../run/run-state.js'
import { saysTooBig } from '../run/mtu.js'
import type { Socket } from '../run/sockets.js'
import { packetSummary } from '../skb/packet-summary.js'
import type { Skb } from '../skb/skb.js'
import type { Ip } from '../values/ip.js'
import { PROTO } from '../values/proto.js'
import type { FlowOutcome, ResolvedFlow } from './conversation.js'
import { ClientPackets } from './client-packets.js'
import { errnoOf, isHeldByConnect } from './icmp-errno.js'
import { ofNoLink, refusedAudience, whyDeaf } from './audience.js'
import { clientHears, INIT_RTO } from './sctp.js'
import { pingSocketFor } from './ping-socket.js'
import { DATA_RETRIES, DATA_RTO, OUTCOME_OF, type Result, SYN_RTO, WAKE_UP } from './result.js'
import type { Sends } from './sends.js'

/** The client program and its socket: it connects, asks, waits for the answer, and keeps the first thing it learns. */
export class Client implements Socket {
  readonly proto: number
  readonly local: { readonly address?: Ip; readonly port: number }
  readonly remote: { readonly address: Ip; readonly port: number }
  readonly name: string
  readonly transparent = false
  result: Result | undefined
  private state: 'new' | 'syn-sent' | 'established' | 'closing' | 'closed' = 'new'
  private syns = 0
  private synAt = 0
  private readonly packets: ClientPackets
  /** What the client heard but did not give up for. */
  soft: string | undefined

  private constructor(
    private readonly run: RunState,
    private readonly flow: ResolvedFlow,
    src: Ip,
    private readonly retries: number,
    private readonly sends: Sends,
  ) {
    const icmp = flow.proto === 'icmp'
    this.proto = icmp
      ? flow.dst.includes(':')
        ? PROTO.icmpv6
        : PROTO.icmp
      : PROTO[flow.proto as 'tcp' | 'udp' | 'sctp']
    this.local = { address: src, port: flow.sport }
    this.remote = { address: flow.dst, port: icmp ? flow.sport : flow.dport }
    this.name = `the client in ${flow.netns}`
    this.packets = new ClientPackets(run, flow, src, this.proto, sends, (reason, why, errno) =>
      this.dropped(reason, why, errno),
    )
  }

  /** connect(2), and the first packet. A failure of the route is known at once. */
  static start(run: RunState, flow: ResolvedFlow, retries: number, sends: Sends = {}): Client | Result {
    const lost = ofNoLink(flow)
    if (lost) return lost
    const space = run.world.space(flow.netns)
    const proto = flow.proto === 'icmp' ? PROTO.icmp : PROTO[flow.proto]
    const found = routeOutput(space, {
      dst: flow.dst,
      ...(flow.bind === undefined ? {} : { src: flow.bind }),
      mark: sends.mark ?? 0,
      proto,
      sport: flow.sport,
      dport: flow.dport,
    })
    if (noRoute(found)) {
      const outcome = OUTCOME_OF[found.error]
      return {
        outcome,
        because: `connect() fails at once in ${flow.netns} (${found.error}): ${found.because}`,
      }
    }
    const refusal = refusedAudience(flow, found.route.type)
    if (refusal) return refusal
    const client = new Client(run, flow, found.src, retries, sends)
    client.soft = whyDeaf(flow)
    run.of(flow.netns).sockets.add(client)
    client.begin()
    return client
  }

  private begin(): void {
    if (this.proto === PROTO.tcp) {
      this.state = 'syn-sent'
      this.sendSyn(0)
    } else if (this.proto === PROTO.sctp) {
      this.state = 'syn-sent'
      this.sendInit(0)
    } else {
      this.state = 'established'
      this.packets.send(
        this.proto === PROTO.udp
          ? this.packets.question(1)
          : {
              icmp: { type: this.proto === PROTO.icmp ? 8 : 128, code: 0, id: this.flow.sport },
              ...this.packets.question(56),
            },
        'the client sends its question',
      )
    }
  }

  private sendSyn(tries: number): void {
    this.syns++
    this.synAt = this.run.now
    this.packets.send(
      {
        tcpFlags: this.sends.tcpFlags ?? TCP.SYN,
        mss: this.packets.sizes.offer,
      },
      tries === 0 ? 'the client connects' : `no answer: the SYN is repeated (${tries})`,
    )
    if (tries < this.retries)
      this.run.after(SYN_RTO * 2 ** tries, () => {
        if (this.state === 'syn-sent' && !this.result) this.sendSyn(tries + 1)
      })
  }

  private sendInit(tries: number): void {
    this.packets.send(
      oneChunk(SCTP_CHUNK.init),
      tries === 0 ? 'the client connects' : `no answer: the INIT is repeated (${tries})`,
    )
    if (tries < this.retries)
      this.run.after(INIT_RTO * 2 ** tries, () => {
        if (this.state === 'syn-sent' && !this.result) this.sendInit(tries + 1)
      })
  }

  private receiveChunk(chunk: number | undefined): void {
    switch (clientHears(chunk)) {
      case 'cookie':
        this.packets.send(oneChunk(SCTP_CHUNK.cookieEcho), 'the client gives the cookie back')
        break
      case 'ask':
        this.state = 'established'
        this.packets.send({ ...oneChunk(SCTP_CHUNK.data), ...this.packets.question(1) }, 'the client asks')
        break
      case 'answered':
        this.packets.send(oneChunk(SCTP_CHUNK.sack), 'the answer is acknowledged')
        this.finish('ok', 'the answer came back to the client')
        break
      case 'aborted':
        if (this.state === 'syn-sent') this.finish('refused', 'an ABORT came back')
        else this.finish('reset', 'the association was aborted')
        this.state = 'closed'
    }
  }

  private sendRequest(tries: number): void {
    const whole = this.packets.question(1)
    this.packets.send(
      { tcpFlags: TCP.PSH | TCP.ACK, ...whole, payload: this.packets.sizes.firstSegment(whole.payload) },
      tries === 0 ? 'the client asks' : `no answer: the request is repeated (${tries})`,
      tries > 0,
    )
    if (tries < DATA_RETRIES)
      this.run.timer(DATA_RTO * 2 ** tries, () => {
        if (this.state === 'established' && !this.packets.sequence.isHeard && !this.result)
          this.sendRequest(tries + 1)
      })
  }

  /** sendto(2) hears of a drop in its own OUTPUT or POSTROUTING; TCP goes on repeating. */
  private dropped(reason: string, because: string, errno: Errno = 'ENETUNREACH'): void {
    if (this.proto === PROTO.tcp || this.result) return
    // ping_v6_sendmsg() does not pass on what icmpv6_push_pending_frames() says; a raw socket does
    if (
      this.proto === PROTO.icmpv6 &&
      pingSocketFor(this.run.world.space(this.flow.netns), this.sends.owner?.gid ?? 0)
    ) {
      this.soft = `a ping socket of IPv6 hears nothing of it: ${because}`
      return
    }
    if (reason === 'NETFILTER_DROP' || reason === 'X_IPVS' || reason === 'X_CONNTRACK')
      this.finish('not-permitted', `sendto() fails with EPERM: ${because}`)
    else if (reason === 'IP_OUTNOROUTES')
      this.finish(OUTCOME_OF[errno], `sendto() fails (${errno}): ${because}`)
  }

  /** close(2): says so to the other side, where something is open. */
  close(): void {
    this.finish('timeout', 'the program gave up')
    const open = this.state === 'established'
    this.state = open ? 'closing' : 'closed'
    if (open && this.proto === PROTO.tcp)
      this.packets.send({ tcpFlags: TCP.FIN | TCP.ACK }, 'the client closes')
    if (open && this.proto === PROTO.sctp)
      this.packets.send(oneChunk(SCTP_CHUNK.shutdown), 'the client closes')
  }

  /** close(2) with SO_LINGER of 0: tcp_send_active_reset() tells the other side, and the port is free at once. */
  abort(): void {
    const open = this.state === 'established'
    this.finish('timeout', 'the program gave up')
    this.done()
    if (open && this.proto === PROTO.tcp)
      this.packets.send({ tcpFlags: TCP.RST | TCP.ACK }, 'the client aborts the connection')
  }

  /** tcp_done(): nothing comes to this socket any more, whether or not its program has closed it. */
  private done(): void {
    this.state = 'closed'
    this.run.of(this.flow.netns).sockets.remove(this)
  }

  private closing(packet: Skb['packet']): void {
    const { tcpFlags = 0 } = packet
    if (tcpFlags & TCP.FIN) this.packets.send({ tcpFlags: TCP.ACK }, 'both sides have closed')
    if (firstChunk(packet) === SCTP_CHUNK.shutdownAck)
      this.packets.send(oneChunk(SCTP_CHUNK.shutdownComplete), 'both sides have closed')
  }

  receive(skb: Skb, _here: Here): void {
    if (this.state === 'closing') {
      this.closing(skb.packet)
      return
    }
    const flags = skb.packet.tcpFlags ?? 0
    if (this.proto === PROTO.sctp) {
      this.receiveChunk(firstChunk(skb.packet))
      return
    }
    if (this.proto !== PROTO.tcp) {
      this.finish('ok', 'the answer came back to the client')
      return
    }
    this.packets.sequence.hear(skb.packet)
    if (flags & TCP.RST) {
      if (this.state === 'syn-sent') this.finish('refused', `a reset came back: ${packetSummary(skb.packet)}`)
      else this.finish('reset', `the connection was reset: ${packetSummary(skb.packet)}`)
      this.done()
      return
    }
    if (this.state === 'syn-sent') {
      if ((flags & (TCP.SYN | TCP.ACK)) !== (TCP.SYN | TCP.ACK)) return
      this.state = 'established'
      this.packets.sizes.peerMss = skb.packet.mss ?? this.packets.sizes.peerMss
      this.packets.send({ tcpFlags: TCP.ACK }, 'the handshake is complete at the client')
      // what the ACK calls forth (a reset) is here before the program has woken up
      this.run.after(WAKE_UP, () => {
        if (!this.result) this.sendRequest(0)
      })
      return
    }
    if (flags & TCP.SYN) {
      // our ACK was lost: it is said again
      this.packets.send({ tcpFlags: TCP.ACK }, 'a repeated SYN-ACK is acknowledged again')
      return
    }
    if (skb.packet.payload > 0) {
      this.packets.send({ tcpFlags: TCP.ACK }, 'the answer is acknowledged')
      this.finish('ok', 'the answer came back to the client')
    }
  }

  error(skb: Skb, here: Here): void {
    if (saysTooBig(skb.packet)) {
      this.tooBig(skb)
      return
    }
    const said = errnoOf(skb.packet)
    if (!said || this.result) return
    if (this.proto === PROTO.tcp ? this.state !== 'syn-sent' : !said.fatal) return
    // sctp_err_lookup(), sctp_v4_err(): all but an unreachable protocol are passing ones
    if (this.proto === PROTO.sctp && said.outcome !== 'protocol-unreachable') return
    const { proto, syns, synAt, run, flow } = this
    if (proto === PROTO.tcp && syns === 1 && isHeldByConnect(skb.packet, here, flow.netns, run.now - synAt)) {
      this.soft = `an ICMP error came back while connect() still held its socket, so IPv6 took it for a passing one; a repeated SYN hears it (--retries 1): ${packetSummary(skb.packet)}`
      return
    }
    if (this.proto === PROTO.tcp) this.done()
    this.finish(said.outcome, `an ICMP error came back: ${packetSummary(skb.packet)}`)
  }

  /** tcp_v4_mtu_reduced(): TCP sends it again in smaller pieces; any other program hears EMSGSIZE. */
  private tooBig(skb: Skb): void {
    if (this.result) return
    if (this.proto !== PROTO.tcp)
      this.finish('timeout', `the program hears EMSGSIZE (message too long): ${packetSummary(skb.packet)}`)
    else if (this.state === 'established' && this.packets.sizes.shrunk) this.sendRequest(DATA_RETRIES)
  }

  private finish(outcome: FlowOutcome, because: string): void {
    this.result ??= { outcome, because }
  }
}
