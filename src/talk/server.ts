import { type Packet, TCP } from '../model/packet.js'
import type { Listener } from '../model/snapshot.js'
import { noRoute, routeOutput } from '../routing/output.js'
import { assume, type Here, note } from '../run/here.js'
import { fittingMss, offeredMss, pathMtu, segmentSize } from '../run/mtu.js'
import type { Birth, RunState } from '../run/run-state.js'
import type { Socket } from '../run/sockets.js'
import { Sequence } from '../run/tcp-sequence.js'
import type { Skb } from '../skb/skb.js'
import { familyOf, type Ip } from '../values/ip.js'
import { PROTO, protoLabel } from '../values/proto.js'
import { freshPacket } from './birth.js'
import { DATA_RETRIES, DATA_RTO } from './result.js'
import { SctpAssociation } from './sctp.js'

export interface Seen {
  readonly netns: string
  readonly address: Ip
  readonly port: number
}

/** The servers of a conversation: every listener answers what reaches it with what it saw of the asker. */
export class Servers {
  seen: Seen | undefined
  constructor(private readonly run: RunState) {
    run.accept = (listener, skb, here) => this.accept(listener, skb, here)
    run.echoed = (skb, here) => {
      this.seen ??= { netns: here.space.name, address: skb.packet.src, port: skb.packet.icmp?.id ?? 0 }
    }
  }

  private accept(listener: Listener | undefined, skb: Skb, here: Here): void {
    const { packet } = skb
    const what = `${protoLabel(packet.proto)} port ${packet.dport}`
    if (!listener)
      assume(here, `something in ${here.space.name} listens on ${what}`, 'its listeners (ss) were not dumped')
    note(here, {
      kind: 'delivered',
      to: listener ? `LISTEN ${listener.address ?? '*'}:${listener.port}` : `an assumed listener on ${what}`,
      because: `a program in ${here.space.name} listens there`,
    })
    this.seen ??= { netns: here.space.name, address: packet.src, port: packet.sport ?? 0 }
    if (packet.proto === PROTO.tcp || packet.proto === PROTO.sctp) {
      const connection =
        packet.proto === PROTO.tcp
          ? new ServerConnection(this.run, skb, here)
          : new SctpAssociation(this.run, skb, here, answerTo(packet.src, packet.sport ?? 0).length)
      here.state.sockets.add(connection)
      connection.receive(skb)
      return
    }
    this.answerDatagram(listener, skb, here)
  }

  /** sendto(2) on a socket bound to any address: the route, not the question, chooses the source of the answer. */
  private answerDatagram(listener: Listener | undefined, skb: Skb, here: Here): void {
    const { packet } = skb
    const bound = listener?.address
    // TPROXY may have brought what was sent to another port
    const port = listener?.port ?? packet.dport ?? 0
    const { space } = here
    const found = routeOutput(space, {
      dst: packet.src,
      ...(bound === undefined ? {} : { src: bound }),
      mark: 0,
      proto: packet.proto,
      sport: port,
      ...(packet.sport === undefined ? {} : { dport: packet.sport }),
    })
    if (noRoute(found)) {
      note(here, { kind: 'makes', packet: 'no answer', because: found.because })
      return
    }
    this.run.send({
      netns: space.name,
      room: 'local-out',
      skb: {
        packet: freshPacket(this.run, {
          src: found.src,
          dst: packet.src,
          proto: packet.proto,
          sport: port,
          dport: packet.sport ?? 0,
          ...said(answerTo(packet.src, packet.sport ?? 0), this.run),
        }),
        mark: 0,
        priority: 0,
        pktType: 'host',
        owner: {},
        route: found.route,
      },
      because: 'the server answers',
      cause: here.trace,
      direction: 'reply',
    })
  }
}

/** What the servers of a conversation say: whom they saw. Its length is what `-m length` sees. */
const answerTo = (address: Ip, port: number): string => `{"seen": ["${address}", ${port}]}`

/** Where the server's sequence numbers begin. */
const SERVER_ISN = 2_000_000

/** What a packet carries, with its bytes if they are told. */
const said = (text: string, { inLab }: RunState): Pick<Packet, 'payload' | 'data'> => ({
  payload: text.length,
  ...(inLab && { data: text }),
})

/** A TCP connection at the server's side: SYN-ACK, then an answer to the request. */
class ServerConnection implements Socket {
  readonly proto = PROTO.tcp
  readonly local: { readonly address: Ip; readonly port: number }
  readonly remote: { readonly address: Ip; readonly port: number }
  readonly name: string
  readonly transparent = 'unknown'
  private state: 'listen' | 'syn-recv' | 'established' | 'closed' = 'listen'
  private asked = false
  /** tcp_write_xmit(): what its own machine dropped stays with the socket, which tries again as soon as it hears something. */
  private kept = false
  private readonly peerMss: number
  private readonly hash: number
  private readonly sequence = new Sequence(SERVER_ISN)
  /** inet_request_mark(): tcp_fwmark_accept hands the mark of the SYN on. */
  private readonly mark: number

  constructor(
    private readonly run: RunState,
    first: Skb,
    private readonly here: Here,
  ) {
    const { packet } = first
    this.hash = run.drawHash()
    this.local = { address: packet.dst, port: packet.dport ?? 0 }
    this.remote = { address: packet.src, port: packet.sport ?? 0 }
    this.mark = here.space.number('net.ipv4.tcp_fwmark_accept') === 0 ? 0 : first.mark
    this.peerMss = packet.mss ?? Number.POSITIVE_INFINITY
    this.name = `the server's connection in ${here.space.name}`
  }

  receive(skb: Skb): void {
    const flags = skb.packet.tcpFlags ?? 0
    if (this.state === 'closed') return
    this.sequence.hear(skb.packet)
    if (flags & TCP.RST) {
      this.state = 'closed'
      this.here.state.sockets.remove(this)
      return
    }
    if (flags & TCP.SYN) {
      this.state = 'syn-recv'
      this.send(TCP.SYN | TCP.ACK, '', 'the server accepts')
      return
    }
    if (flags & TCP.FIN) {
      this.state = 'closed'
      this.send(TCP.FIN | TCP.ACK, '', 'the server closes too')
      return
    }
    this.state = 'established'
    if (skb.packet.payload === 0) return
    if (!this.asked) {
      this.asked = true
      this.answer('the server answers')
      this.insist(0)
    } else if (this.kept && !this.sequence.isHeard)
      this.answer('the answer, which did not get out, is tried again')
    else this.send(TCP.ACK, '', 'a repeated request is acknowledged again')
  }

  private answer(because: string, atOnce = false): void {
    this.kept = false
    const text = `${answerTo(this.remote.address, this.remote.port)}\n`
    const onLocalDrop = () => {
      this.kept = true
    }
    this.send(TCP.PSH | TCP.ACK, text, because, { onLocalDrop, atOnce })
  }

  /** Repeats the answer until it is heard. */
  private insist(tries: number): void {
    if (tries === DATA_RETRIES) return
    this.run.timer(DATA_RTO * 2 ** tries, () => {
      if (this.sequence.isHeard || this.state !== 'established') return
      this.answer(`the answer is repeated (${tries + 1})`, true)
      this.insist(tries + 1)
    })
  }

  /** `atOnce`: by a timer, before anything else happens. */
  private send(
    tcpFlags: number,
    text: string,
    because: string,
    how: Pick<Birth, 'onLocalDrop' | 'atOnce'> = {},
  ): void {
    const { space, trace } = this.here
    const found = routeOutput(space, {
      dst: this.remote.address,
      src: this.local.address,
      anySource: true,
      mark: this.mark,
      proto: PROTO.tcp,
      sport: this.local.port,
      dport: this.remote.port,
    })
    if (noRoute(found)) {
      note(this.here, { kind: 'makes', packet: 'no answer', because: found.because })
      return
    }
    // of a longer answer the first segment stands for all
    const family = familyOf(this.remote.address)
    const mtu = pathMtu(this.here, found.route, this.remote.address)
    const length = Math.min(text.length, segmentSize(Math.min(this.peerMss, fittingMss(mtu, family))))
    const birth: Birth = {
      netns: space.name,
      room: 'local-out',
      skb: {
        packet: freshPacket(this.run, {
          src: this.local.address,
          dst: this.remote.address,
          proto: PROTO.tcp,
          sport: this.local.port,
          dport: this.remote.port,
          tcpFlags,
          ...this.sequence.stamp(tcpFlags, length),
          ...said(text.slice(0, length), this.run),
          ...(tcpFlags & TCP.SYN ? { mss: offeredMss(found.route, mtu, family) } : {}),
          id: tcpFlags & TCP.SYN ? 0 : this.run.nextIpId(),
        }),
        mark: this.mark,
        priority: 0,
        pktType: 'host',
        owner: {},
        hash: this.hash,
        route: found.route,
      },
      because,
      cause: trace,
      direction: 'reply',
      ...how,
    }
    if (how.atOnce) this.run.sendAtOnce(birth)
    else this.run.send(birth)
  }
}
