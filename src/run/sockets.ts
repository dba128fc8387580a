import type { Listener } from '../model/snapshot.js'
import type { Packet } from '../model/packet.js'
import type { Skb } from '../skb/skb.js'
import type { Family, Ip } from '../values/ip.js'
import { isIcmp, PROTO } from '../values/proto.js'
import type { Space } from '../world/space.js'
import type { Here } from './here.js'

/** A socket of this conversation: who to tell of what arrives. */
export interface Socket {
  readonly proto: number
  readonly local: { readonly address?: Ip; readonly port: number }
  readonly remote?: { readonly address: Ip; readonly port: number }
  /** Text for `delivered` events: `LISTEN 0.0.0.0:80`. */
  readonly name: string
  receive(skb: Skb, here: Here): void
  /** An ICMP error about one of its packets. */
  error?(skb: Skb, here: Here): void
}

export const protoNumber = (name: Listener['proto']): number => PROTO[name]

/** The sockets of a namespace: those that the conversation opens, and the listeners of the snapshot. */
export class SocketTable {
  private readonly open: Socket[] = []
  constructor(readonly space: Space) {}

  add(socket: Socket): void {
    this.open.push(socket)
  }
  /** All programs have gone. */
  clear(): void {
    this.open.length = 0
  }
  /** A reset ends it: the next SYN of the same ends is the listener's again. */
  remove(socket: Socket): void {
    const at = this.open.indexOf(socket)
    if (at >= 0) this.open.splice(at, 1)
  }

  /** __inet_lookup_established(), udp4_lib_lookup(): the socket that belongs to this very pair of ends. */
  connected(packet: Packet): Socket | undefined {
    const port = packet.dport ?? packet.icmp?.id ?? 0
    const peer = packet.sport ?? packet.icmp?.id ?? 0
    return this.open.find(
      s =>
        s.proto === packet.proto &&
        s.local.port === port &&
        (s.local.address === undefined || s.local.address === packet.dst) &&
        (s.remote === undefined ||
          // ping_lookup() asks for the id alone: an echo from another address is an answer too
          (isIcmp(packet.proto) && s.remote.port === peer) ||
          (s.remote.address === packet.src && s.remote.port === peer)),
    )
  }

  /** The socket that an ICMP error is about: the quoted packet was sent by it. */
  quoted(inner: Packet): Socket | undefined {
    const port = inner.sport ?? inner.icmp?.id ?? 0
    const peer = inner.dport ?? inner.icmp?.id ?? 0
    return this.open.find(
      s =>
        s.proto === inner.proto &&
        s.local.port === port &&
        (s.local.address === undefined || s.local.address === inner.src) &&
        (s.remote === undefined || (s.remote.address === inner.dst && s.remote.port === peer)),
    )
  }

  /** A listener of `ss` that takes a packet: the most particular address first (compute_score()). */
  listener(proto: number, address: Ip, port: number, family: Family): Listener | undefined {
    let best: Listener | undefined
    for (const l of this.space.netns.listeners) {
      if (protoNumber(l.proto) !== proto || l.port !== port || !l.families.includes(family)) continue
      if (l.address !== undefined && l.address !== address) continue
      if (!best || (best.address === undefined && l.address !== undefined)) best = l
    }
    return best
  }
}
